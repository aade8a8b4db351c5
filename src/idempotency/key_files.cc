#include "idempotency/key_files.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/crc32c.h"
#include "base/text.h"
#include "idempotency/limits.h"
#include "log/limits.h"
#include "log/lost_records.h"

namespace st::idempotency {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kRunEnding = ".keys";
constexpr std::uint64_t kMaxManifestBytes = 16 << 20;
constexpr int kManifestFormat = 3;
constexpr int kOlderManifestFormat =
    2;  // it covers partition 0 alone, whose name is the topic's id

// The manifest's checksum, over the object without the member `crc`.
std::uint32_t CrcOf(Json manifest) {
  manifest.erase("crc");
  return Crc32c(manifest.dump());
}

// A partition in the manifest: the topic's id, and the number where it is not 0, as in "6f1c…/3".
std::string PartitionName(TopicPartition partition) {
  const auto topic = partition.topic.ToString();
  if (partition.partition == PartitionId(0)) return topic;
  return fmt::format("{}/{}", topic, partition.partition);
}

std::optional<TopicPartition> ParsePartitionName(std::string_view name) {
  const auto slash = name.find('/');
  const auto topic = Uuid::Parse(name.substr(0, slash));
  std::int64_t number = 0;
  if (slash != name.npos) {
    const auto parsed = ParseInt64(name.substr(slash + 1));
    if (!parsed) return std::nullopt;
    number = *parsed;
  }
  if (!topic || number < 0 || number >= log::kMaxPartitions) return std::nullopt;
  return TopicPartition{.topic = TopicId(*topic),
                        .partition = PartitionId(static_cast<std::int32_t>(number))};
}

// The power of kMergeRuns by which a run is larger than the smallest ones, rounded down.
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

// Of the losses that the log has, since the runs may have keys of records in them; 0: it has none.
std::uint32_t LossMark(const log::LocalLog& log) {
  std::string names;
  for (const auto& one : log::LostIn(log)) names += fmt::format("{}@{} ", one.lsn, one.repaired_us);
  return names.empty() ? 0 : Crc32c(names);
}

}  // namespace

struct KeyFiles::Manifest {
  Runs runs;
  Ends covered;
  std::int64_t next_run = 1;
  std::int64_t dropped_until_ms = 0;
  std::int64_t unscoped_until_ms = 0;
};

KeyFiles::KeyFiles(os::FileSystem& fs, const log::LocalLog& log, Options options)
    : fs_(fs), log_(log), options_(std::move(options)), runs_(std::make_shared<const Runs>()) {}

Result<std::string> KeyFiles::Open() {
  ST_TRY(const auto aside, os::OpenDerivedDir(fs_, options_.dir));
  std::string damage =
      aside.empty() ? ""
                    : fmt::format("another file in the folder's place was renamed to {}", aside);
  auto loaded = LoadManifest();
  if (!loaded) {
    damage = loaded.error().message();
  } else if (*loaded) {
    next_run_ = (*loaded)->next_run;
    MutexLock lock(mu_);
    SetRuns(std::move((*loaded)->runs));
    covered_ = std::move((*loaded)->covered);
    dropped_until_ms_ = (*loaded)->dropped_until_ms;
    unscoped_until_ms_ = (*loaded)->unscoped_until_ms;
  }
  ST_TRY_STATUS(RemoveStrays());
  return damage;
}

Result<std::optional<KeyFiles::Manifest>> KeyFiles::LoadManifest() const {
  const auto path = os::JoinPath(options_.dir, kManifest);
  const auto text = os::ReadWholeFile(fs_, path, kMaxManifestBytes);
  if (!text && text.error().code() == ErrorCode::kNotFound) return std::nullopt;
  ST_TRY_STATUS(text);
  // nlohmann reports by exception; this is its fence.
  try {
    return ParseManifest(path, *text);
  } catch (const Json::exception& error) {
    return Fail(ErrorCode::kCorruption, "{}: {}", path, error.what());
  }
}

Result<KeyFiles::Manifest> KeyFiles::ParseManifest(const std::string& path,
                                                   const std::string& text) const {
  Manifest out;
  const Json manifest = Json::parse(text);
  const auto& format = manifest.at("format");
  const bool is_known = format == kManifestFormat || format == kOlderManifestFormat;
  if (!is_known || manifest.at("log") != log_.id().ToString()) {
    return Fail(ErrorCode::kCorruption, "{}: it belongs to another log, or has another format",
                path);
  }
  if (manifest.at("crc").get<std::uint32_t>() != CrcOf(manifest)) {
    return Fail(ErrorCode::kCorruption, "{}: its checksum differs", path);
  }
  if (manifest.value("losses", std::uint32_t{0}) != LossMark(log_)) {
    return Fail(ErrorCode::kCorruption, "{}: it is of before a repair of the log", path);
  }
  for (const auto& [name, crc] : manifest.at("runs").items()) {
    ST_TRY(auto run, KeyRun::Open(fs_, os::JoinPath(options_.dir, name)));
    if (run->head_crc() != crc.get<std::uint32_t>()) {
      return Fail(ErrorCode::kCorruption, "{}: the manifest names another file of this name",
                  run->path());
    }
    out.runs.push_back(std::move(run));
  }
  for (const auto& [name, at] : manifest.at("covered").items()) {
    const auto partition = ParsePartitionName(name);
    const auto end = at.at("end").get<std::int64_t>();
    if (!partition) return Fail(ErrorCode::kCorruption, "{}: \"{}\" is no partition", path, name);
    // Where an older copy of the log was restored and written to, this entry differs or is missing.
    const auto crc = log_.EntryCrc(*partition, Offset(end - 1));
    if (!crc || *crc != at.at("entry_crc").get<std::uint32_t>()) {
      return Fail(ErrorCode::kCorruption, "{}: it covers another log", path);
    }
    out.covered[*partition] = end;
  }
  out.dropped_until_ms = manifest.at("dropped_until_ms").get<std::int64_t>();
  out.next_run = manifest.at("next_run").get<std::int64_t>();
  // Manifests without the member were written before keys had scopes.
  for (const auto& run : out.runs) {
    out.unscoped_until_ms = std::max(out.unscoped_until_ms, run->max_time_ms());
  }
  out.unscoped_until_ms = manifest.value("unscoped_until_ms", out.unscoped_until_ms);
  return out;
}

// Runs that the manifest does not name are unfinished or obsolete.
Status KeyFiles::RemoveStrays() {
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

Result<std::optional<KeyEntry>> KeyFiles::Find(const Runs& in, const Hash128& hash,
                                               std::int64_t oldest_ms) {
  for (const auto& run : in) {
    ST_TRY(const auto found, run->Find(hash));
    if (found && found->time_ms >= oldest_ms) return found;
  }
  return std::nullopt;
}

bool KeyFiles::MayHold(const Runs& in, const Hash128& hash) {
  return std::ranges::any_of(in, [&](const auto& run) { return run->MayHold(hash); });
}

void KeyFiles::Forget() {
  MutexLock lock(mu_);
  SetRuns({});
  covered_.clear();
}

KeyFiles::Ends KeyFiles::covered() const {
  MutexLock lock(mu_);
  return covered_;
}

std::uint64_t KeyFiles::keys() const {
  const auto all = runs();
  std::uint64_t keys = 0;
  for (const auto& run : *all) keys += run->count();
  return keys;
}

std::int64_t KeyFiles::dropped_until_ms() const {
  MutexLock lock(mu_);
  return dropped_until_ms_;
}

std::int64_t KeyFiles::unscoped_until_ms() const {
  MutexLock lock(mu_);
  return unscoped_until_ms_;
}

void KeyFiles::NoteUnscoped(std::int64_t time_ms) {
  MutexLock lock(mu_);
  unscoped_until_ms_ = std::max(unscoped_until_ms_, time_ms);
}

Result<std::string> KeyFiles::NewRunPath() {
  const auto path = os::JoinPath(options_.dir, fmt::format("run-{:08}{}", next_run_++, kRunEnding));
  const auto removed = fs_.Remove(path);  // left by a write that failed
  if (removed || removed.error().code() == ErrorCode::kNotFound) return path;
  ST_TRY_STATUS(os::SetAside(fs_, path));
  return path;
}

Result<std::shared_ptr<const KeyRun>> KeyFiles::WriteRun(std::vector<KeyEntry> entries) {
  std::ranges::sort(entries, {}, &KeyEntry::hash);
  ST_TRY(const auto path, NewRunPath());
  ST_TRY(auto writer, KeyRunWriter::Create(fs_, path, entries.size()));
  for (const auto& entry : entries) ST_TRY_STATUS(writer.Add(entry));
  ST_TRY_STATUS(writer.Finish());
  ST_TRY_STATUS(fs_.SyncDir(options_.dir));
  return KeyRun::Open(fs_, path);
}

Status KeyFiles::Add(const std::vector<KeyEntry>& entries, Ends covered) {
  std::map<std::int64_t, std::vector<KeyEntry>> by_hour;
  for (const auto& entry : entries) by_hour[entry.time_ms / kHourMs].push_back(entry);
  Runs made;
  for (auto& [hour, of_hour] : by_hour) {
    ST_TRY(auto run, WriteRun(std::move(of_hour)));
    made.push_back(std::move(run));
  }
  MutexLock lock(mu_);
  Runs all = *runs_;
  all.insert(all.end(), made.begin(), made.end());
  SetRuns(std::move(all));
  covered_ = std::move(covered);
  return {};
}

Status KeyFiles::WriteManifest() {
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
  for (const auto& [partition, end] : covered) {
    if (end == 0) continue;
    // A partition without a CRC counts as not covered, and is read again.
    const auto crc = log_.EntryCrc(partition, Offset(end - 1));
    if (crc) json["covered"][PartitionName(partition)] = {{"end", end}, {"entry_crc", *crc}};
  }
  if (const auto mark = LossMark(log_); mark != 0) json["losses"] = mark;
  json["crc"] = CrcOf(json);
  return os::ReplaceDerivedFile(fs_, os::JoinPath(options_.dir, kManifest), json.dump() + "\n");
}

KeyFiles::Runs KeyFiles::FindAlike() const {
  const std::uint64_t largest = options_.max_keys / kMergeShare;
  const auto all = runs();
  std::map<std::pair<std::int64_t, int>, Runs> alike;
  for (const auto& run : *all) {
    if (run->count() > largest) continue;
    auto& group =
        alike[{run->max_time_ms() / kHourMs, SizeClass(run->count(), options_.smallest_run)}];
    group.push_back(run);
    if (group.size() == kMergeRuns) return group;
  }
  return {};
}

Status KeyFiles::Merge() {
  for (auto group = FindAlike(); !group.empty(); group = FindAlike()) {
    ST_TRY_STATUS(MergeGroup(group));
  }
  return {};
}

Status KeyFiles::MergeGroup(const Runs& group) {
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

Status KeyFiles::DropOld(std::int64_t oldest_ms, std::uint64_t keys_elsewhere) {
  Runs dropped;
  {
    MutexLock lock(mu_);
    Runs all = *runs_;
    std::ranges::sort(all, std::greater(), [](const auto& run) { return run->max_time_ms(); });
    std::uint64_t keys = keys_elsewhere;
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
