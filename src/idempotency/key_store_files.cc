// The files of Answers: writing, merging, dropping, and reading back from the log.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/crc32c.h"
#include "base/text.h"
#include "format/record/record_batch.h"
#include "idempotency/key_store.h"

namespace st::idempotency {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kRunEnding = ".keys";
constexpr std::uint64_t kMaxManifestBytes = 16 << 20;
constexpr int kManifestFormat = 2;

// The line's own checksum, over the object without it.
std::uint32_t CrcOf(Json manifest) {
  manifest.erase("crc");
  return Crc32c(manifest.dump());
}

TopicPartition First(TopicId topic) { return {.topic = topic, .partition = PartitionId(0)}; }

// How often the smallest size fits into it, in powers of kMergeRuns.
int SizeClass(std::uint64_t keys, std::size_t memory_keys) {
  int out = 0;
  for (; keys >= memory_keys * kMergeRuns; keys /= kMergeRuns) ++out;
  return out;
}

// The entries of several runs in the order of their hashes; of one hash the newest.
class MergedRuns {
 public:
  explicit MergedRuns(const std::vector<std::shared_ptr<const KeyRun>>& runs) {
    for (const auto& run : runs) cursors_.push_back({.run = run});
  }
  // nullopt: the end.
  Result<std::optional<KeyEntry>> Next() {
    const Cursor* first = nullptr;
    for (auto& cursor : cursors_) {
      ST_TRY(const bool is_there, cursor.Fill());
      if (is_there && (first == nullptr || IsBefore(cursor.now(), first->now()))) first = &cursor;
    }
    if (first == nullptr) return std::nullopt;
    const KeyEntry entry = first->now();
    for (auto& cursor : cursors_) {
      if (cursor.at < cursor.entries.size() && cursor.now().hash == entry.hash) ++cursor.at;
    }
    return entry;
  }

 private:
  struct Cursor {
    std::shared_ptr<const KeyRun> run;
    std::uint64_t next_block = 0;
    std::vector<KeyEntry> entries;
    std::size_t at = 0;
    const KeyEntry& now() const { return entries[at]; }
    Result<bool> Fill() {
      if (at < entries.size()) return true;
      if (next_block == run->blocks()) return false;
      ST_TRY(entries, run->Block(next_block++));
      at = 0;
      return true;
    }
  };
  static bool IsBefore(const KeyEntry& a, const KeyEntry& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.time_ms > b.time_ms;
  }
  std::vector<Cursor> cursors_;
};

}  // namespace

// Whatever is wrong with the files, the log has it all: then they are made again.
st::Status KeyStore::LoadManifest() {
  const auto path = os::JoinPath(options_.dir, kManifest);
  const auto text = os::ReadWholeFile(fs_, path, kMaxManifestBytes);
  if (!text && text.error().code() == ErrorCode::kNotFound) return {};
  Runs loaded;
  Ends covered;
  std::int64_t dropped_until_ms = 0;
  std::int64_t unscoped_until_ms = 0;
  std::int64_t next_run = next_run_;
  const auto load = [&]() -> st::Status {
    ST_TRY_STATUS(text);
    // nlohmann reports by exception; this is its fence.
    try {
      const Json manifest = Json::parse(*text);
      if (manifest.at("format") != kManifestFormat || manifest.at("log") != log_.id().ToString()) {
        return Fail(ErrorCode::kCorruption, "{}: of another log or format", path);
      }
      if (manifest.at("crc").get<std::uint32_t>() != CrcOf(manifest)) {
        return Fail(ErrorCode::kCorruption, "{}: its checksum differs", path);
      }
      for (const auto& [name, crc] : manifest.at("runs").items()) {
        ST_TRY(auto run, KeyRun::Open(fs_, os::JoinPath(options_.dir, name)));
        if (run->head_crc() != crc.get<std::uint32_t>()) {
          return Fail(ErrorCode::kCorruption, "{}: is another one", run->path());
        }
        loaded.push_back(std::move(run));
      }
      for (const auto& [topic, at] : manifest.at("covered").items()) {
        const auto id = Uuid::Parse(topic);
        const auto end = at.at("end").get<std::int64_t>();
        if (!id) return Fail(ErrorCode::kCorruption, "{}: topic {}", path, topic);
        // An older log that was put back and went on has another entry there, or none.
        const auto crc = log_.EntryCrc(First(TopicId(*id)), Offset(end - 1));
        if (!crc || *crc != at.at("entry_crc").get<std::uint32_t>()) {
          return Fail(ErrorCode::kCorruption, "{}: the log is not the one that it covers", path);
        }
        covered[TopicId(*id)] = end;
      }
      dropped_until_ms = manifest.at("dropped_until_ms").get<std::int64_t>();
      next_run = manifest.at("next_run").get<std::int64_t>();
      // A manifest of before scopes names runs of keys that have none.
      for (const auto& run : loaded) {
        unscoped_until_ms = std::max(unscoped_until_ms, run->max_time_ms());
      }
      unscoped_until_ms = manifest.value("unscoped_until_ms", unscoped_until_ms);
    } catch (const Json::exception& error) {
      return Fail(ErrorCode::kCorruption, "{}: {}", path, error.what());
    }
    return {};
  };
  const auto done = load();
  next_run_ = next_run;
  if (!done) {
    NoteDamage(done.error().message());
    return {};
  }
  MutexLock lock(mu_);
  SetRuns(std::move(loaded));
  covered_ = std::move(covered);
  finished_ = covered_;
  dropped_until_ms_ = dropped_until_ms;
  unscoped_until_ms_ = unscoped_until_ms;
  return {};
}

// Files that the manifest does not name were being written, or are not needed any more.
st::Status KeyStore::RemoveStrays() {
  ST_TRY(const auto names, fs_.List(options_.dir));
  const auto all = runs();
  for (const auto& name : names) {
    const auto path = os::JoinPath(options_.dir, name);
    const bool is_ours =
        std::ranges::any_of(*all, [&](const auto& run) { return run->path() == path; });
    if (name.ends_with(kRunEnding) && !is_ours) {
      Ignore(fs_.Remove(path), "the next opening tries again");
    }
  }
  return {};
}

st::Status KeyStore::ReadLog() {
  for (const auto& topic : log_.Topics()) {
    const auto tp = First(topic.id);
    std::int64_t from = log_.StartOffset(tp).value();
    const auto since = log_.OffsetForTime(tp, clock_.NowUs() / 1000 - options_.window_ms);
    from = std::max(from, since ? since->first.value() : log_.EndOffset(tp).value());
    {
      MutexLock lock(mu_);
      if (const auto at = covered_.find(topic.id); at != covered_.end()) {
        from = std::max(from, at->second);
      }
    }
    ST_TRY_STATUS(ReadTopic(tp, from));
  }
  return {};
}

void KeyStore::Remember(const record::Record& record, TopicId topic) {
  const auto remembered = ParseRecordHeaders(record);
  if (!remembered) return;
  const Hash128 hash = hasher_.OfKey(remembered->scoped_key());
  MutexLock lock(mu_);
  if (remembered->scope == KeyScope()) {
    unscoped_until_ms_ = std::max(unscoped_until_ms_, record.timestamp_ms);
  }
  recent_[hash] = {
      .hash = hash, .topic = topic, .offset = record.offset, .time_ms = record.timestamp_ms};
}

st::Status KeyStore::ReadTopic(TopicPartition tp, std::int64_t from) {
  const std::int64_t end = log_.EndOffset(tp).value();
  const auto remember = [&](const record::Record& record) -> st::Status {
    if (record.offset >= from) Remember(record, tp.topic);
    return {};
  };
  while (from < end) {
    ST_TRY(const auto read, log_.Read(tp, Offset(from), kReadBytes));
    ST_TRY(const auto next, ForEachOwnRecord(read, kMaxAnswerBatchBytes, remember));
    if (next <= from) return Fail(ErrorCode::kCorruption, "offset {} cannot be read", from);
    from = next;
    bool is_full = false;
    {
      MutexLock lock(mu_);
      finished_[tp.topic] = from;
      is_full = recent_.size() >= options_.memory_keys;
    }
    if (!is_full) continue;
    ST_TRY_STATUS(Spill());
    ST_TRY_STATUS(DropOld());
    ST_TRY_STATUS(MergeAll());
  }
  MutexLock lock(mu_);
  finished_[tp.topic] = std::max(finished_[tp.topic], from);
  return {};
}

st::Status KeyStore::Work(bool is_last) {
  MutexLock working(work_mu_);
  bool is_damaged = false;
  {
    MutexLock lock(mu_);
    is_damaged = is_damaged_;
    if (is_damaged) {
      SetRuns({});
      covered_.clear();
      finished_.clear();
      frozen_.reset();  // its keys are in the log too
    }
  }
  if (is_damaged) {
    // What is there stays until a manifest says what stands instead.
    ST_TRY_STATUS(ReadLog());
    ST_TRY_STATUS(WriteManifest());
    ST_TRY_STATUS(RemoveStrays());
    MutexLock lock(mu_);
    is_damaged_ = false;
    damage_ += "; made again from the log";
    return {};
  }
  Ends ends;
  for (const auto& topic : log_.Topics()) {
    ends[topic.id] = log_.EndOffset(First(topic.id)).value();
  }
  std::int64_t uncovered = 0;
  bool is_full = false;
  {
    MutexLock lock(mu_);
    // The ends were read first: with nothing in flight, every key below them is finished.
    for (const auto& [topic, end] : ends) {
      if (in_flight_.empty()) finished_[topic] = std::max(finished_[topic], end);
      uncovered += finished_[topic] - covered_[topic];
    }
    is_full = recent_.size() >= options_.memory_keys || frozen_;
  }
  if (is_full || uncovered > (is_last ? 0 : kUncoveredRecords)) ST_TRY_STATUS(Spill());
  ST_TRY_STATUS(DropOld());
  return is_last ? st::Status() : MergeAll();
}

Result<std::string> KeyStore::NewRunPath() {
  const auto path = os::JoinPath(options_.dir, fmt::format("run-{:08}{}", next_run_++, kRunEnding));
  const auto removed = fs_.Remove(path);  // of a write that failed
  if (removed || removed.error().code() == ErrorCode::kNotFound) return path;
  ST_TRY_STATUS(os::SetAside(fs_, path));
  return path;
}

Result<std::shared_ptr<const KeyRun>> KeyStore::WriteRun(std::vector<KeyEntry> entries) {
  std::ranges::sort(entries, {}, &KeyEntry::hash);
  ST_TRY(const auto path, NewRunPath());
  ST_TRY(auto writer, KeyRunWriter::Create(fs_, path, entries.size()));
  for (const auto& entry : entries) ST_TRY_STATUS(writer.Add(entry));
  ST_TRY_STATUS(writer.Finish());
  ST_TRY_STATUS(fs_.SyncDir(options_.dir));
  return KeyRun::Open(fs_, path);
}

st::Status KeyStore::Spill() {
  Ends covered;
  std::shared_ptr<const KeyMap> frozen;
  {
    MutexLock lock(mu_);
    // A write that failed left its keys frozen: they come first, the newer ones with the next.
    if (!frozen_) frozen_ = std::make_shared<const KeyMap>(std::exchange(recent_, {}));
    frozen = frozen_;
    covered = recent_.empty() ? finished_ : covered_;
  }
  std::map<std::int64_t, std::vector<KeyEntry>> by_hour;
  for (const auto& [hash, entry] : *frozen) by_hour[entry.time_ms / kHourMs].push_back(entry);
  Runs made;
  for (auto& [hour, entries] : by_hour) {
    ST_TRY(auto run, WriteRun(std::move(entries)));
    made.push_back(std::move(run));
  }
  {
    MutexLock lock(mu_);
    Runs all = *runs_;
    all.insert(all.end(), made.begin(), made.end());
    SetRuns(std::move(all));
    frozen_.reset();
    covered_ = std::move(covered);
  }
  return WriteManifest();
}

st::Status KeyStore::WriteManifest() {
  Json json = {{"format", kManifestFormat}, {"log", log_.id().ToString()}, {"next_run", next_run_}};
  json["runs"] = Json::object();
  json["covered"] = Json::object();
  Ends covered;
  {
    MutexLock lock(mu_);
    for (const auto& run : *runs_) {
      json["runs"][run->path().substr(options_.dir.size() + 1)] = run->head_crc();
    }
    covered = covered_;
    json["dropped_until_ms"] = dropped_until_ms_;
    json["unscoped_until_ms"] = unscoped_until_ms_;
  }
  for (const auto& [topic, end] : covered) {
    if (end == 0) continue;
    // Without it the topic counts as not covered and is read again.
    const auto crc = log_.EntryCrc(First(topic), Offset(end - 1));
    if (crc) json["covered"][topic.ToString()] = {{"end", end}, {"entry_crc", *crc}};
  }
  json["crc"] = CrcOf(json);
  return os::ReplaceDerivedFile(fs_, os::JoinPath(options_.dir, kManifest), json.dump() + "\n");
}

st::Status KeyStore::MergeAll() {
  const std::uint64_t largest = options_.max_keys / kMergeShare;
  while (true) {
    const auto all = runs();
    std::map<std::pair<std::int64_t, int>, Runs> alike;
    const Runs* found = nullptr;
    for (const auto& run : *all) {
      if (run->count() > largest) continue;
      auto& group =
          alike[{run->max_time_ms() / kHourMs, SizeClass(run->count(), options_.memory_keys)}];
      group.push_back(run);
      if (group.size() == kMergeRuns) {
        found = &group;
        break;
      }
    }
    if (found == nullptr) return {};
    if (auto done = Merge(*found); !done) {
      if (done.error().code() == ErrorCode::kCorruption) Damaged(done.error());
      return done;
    }
  }
}

st::Status KeyStore::Merge(const Runs& group) {
  std::uint64_t most = 0;
  for (const auto& run : group) most += run->count();
  ST_TRY(const auto path, NewRunPath());
  ST_TRY(auto writer, KeyRunWriter::Create(fs_, path, most));
  MergedRuns merged(group);
  while (true) {
    ST_TRY(const auto entry, merged.Next());
    if (!entry) break;
    ST_TRY_STATUS(writer.Add(*entry));
  }
  ST_TRY_STATUS(writer.Finish());
  ST_TRY_STATUS(fs_.SyncDir(options_.dir));
  ST_TRY(auto made, KeyRun::Open(fs_, path));
  {
    MutexLock lock(mu_);
    Runs all = *runs_;
    std::erase_if(all,
                  [&](const auto& one) { return std::ranges::find(group, one) != group.end(); });
    all.push_back(std::move(made));
    SetRuns(std::move(all));
  }
  ST_TRY_STATUS(WriteManifest());
  for (const auto& old : group) Ignore(fs_.Remove(old->path()), "the next opening removes it");
  return {};
}

st::Status KeyStore::DropOld() {
  const std::int64_t oldest_ms = clock_.NowUs() / 1000 - options_.window_ms;
  Runs dropped;
  {
    MutexLock lock(mu_);
    Runs all = *runs_;
    std::ranges::sort(all, std::greater(), [](const auto& run) { return run->max_time_ms(); });
    std::uint64_t keys = recent_.size();
    for (const auto& run : all) keys += run->count();
    while (!all.empty()) {
      const auto& oldest = all.back();
      const bool is_past = oldest->max_time_ms() < oldest_ms;
      if (!is_past && keys <= options_.max_keys) break;
      if (!is_past) dropped_until_ms_ = std::max(dropped_until_ms_, oldest->max_time_ms() + 1);
      keys -= oldest->count();
      dropped.push_back(oldest);
      all.pop_back();
    }
    if (!dropped.empty()) SetRuns(std::move(all));
  }
  if (dropped.empty()) return {};
  ST_TRY_STATUS(WriteManifest());
  for (const auto& run : dropped) Ignore(fs_.Remove(run->path()), "the next opening removes it");
  return {};
}

}  // namespace st::idempotency
