#include "idempotency/key_store.h"

#include <algorithm>

#include "base/check.h"
#include "format/record/record_batch.h"
#include "log/partition_choice.h"

namespace st::idempotency {
namespace {

constexpr const char* kRebuilt = "; rebuilt from the log";

// Those that may hold records of the server.
std::vector<TopicPartition> AllPartitions(const log::LocalLog& log) {
  std::vector<TopicPartition> all;
  for (const auto& topic : log.Topics()) {
    const auto of_topic = log::PartitionsOf(topic);
    all.insert(all.end(), of_topic.begin(), of_topic.end());
  }
  return all;
}

// Whether the log has the key's record still: a person may have had it removed, or its topic.
bool IsKept(const log::LocalLog& log, const KeyEntry& entry) {
  const Offset at(entry.offset);
  return at >= log.StartOffset(entry.partition) && at < log.EndOffset(entry.partition);
}

}  // namespace

KeyStore::KeyStore(const os::Env& env, log::LocalLog& log, KeyStoreOptions options)
    : clock_(env.clock),
      log_(log),
      options_(std::move(options)),
      hasher_(log.id()),
      files_(env.fs, log,
             {.dir = options_.dir,
              .max_keys = options_.max_keys,
              .smallest_run = options_.memory_keys}) {}

KeyStore::~KeyStore() { Stop(); }

Result<std::unique_ptr<KeyStore>> KeyStore::Open(const os::Env& env, log::LocalLog& log,
                                                 KeyStoreOptions options) {
  auto answers = std::unique_ptr<KeyStore>(new KeyStore(env, log, std::move(options)));
  {
    MutexLock working(answers->work_mu_);
    ST_TRY(const auto damage, answers->files_.Open());
    {
      MutexLock lock(answers->mu_);
      if (!damage.empty()) answers->damage_ = damage + kRebuilt;
      answers->finished_ = answers->files_.covered();
    }
    ST_TRY_STATUS(answers->ReadLog());
  }
  answers->thread_ = os::Thread("answers", [raw = answers.get()] { raw->Loop(); });
  if (env.metrics != nullptr) {
    env.metrics->Collected(
        "steelthread_idempotency_keys", "Keys that are remembered.", "gauge",
        [raw = answers.get()] {
          return MetricRegistry::Samples{{"", static_cast<double>(raw->status().keys)}};
        });
    env.metrics->Collected(
        "steelthread_idempotency_window_seconds", "How far back every key is remembered.", "gauge",
        [raw = answers.get()] {
          return MetricRegistry::Samples{{"", static_cast<double>(raw->status().window_ms) / 1000}};
        });
  }
  return answers;
}

std::int64_t KeyStore::OldestMs() const { return clock_.NowUs() / 1000 - options_.window_ms; }

void KeyStore::ReportDamage(const Error& error) {
  MutexLock lock(mu_);
  is_damaged_ = true;
  damage_ = error.message();
  wake_.NotifyAll();
}

std::optional<KeyEntry> KeyStore::FindInMemory(const Hash128& hash) const {
  for (const KeyMap* map : {static_cast<const KeyMap*>(&recent_), frozen_.get()}) {
    if (map == nullptr) continue;
    const auto found = map->find(hash);
    if (found == map->end() || !IsInWindow(found->second.time_ms)) continue;
    if (IsKept(log_, found->second)) return found->second;
  }
  return std::nullopt;
}

Result<std::optional<KeyEntry>> KeyStore::FindIn(const Runs& in, const Hash128& hash) {
  auto found = KeyFiles::Find(in, hash, OldestMs());
  if (found && *found && !IsKept(log_, **found)) return std::nullopt;
  if (found) return found;
  ReportDamage(found.error());
  return Fail(ErrorCode::kUnavailable, "{}; retry later", found.error().message());
}

Result<std::optional<KeyStore::Claim>> KeyStore::FindUnscoped(const Runs& in, std::string_view key,
                                                              const Hash128& request) {
  const ScopedKey unscoped{.key = key};
  const Hash128 hash = hasher_.OfKey(unscoped);
  std::optional<KeyEntry> entry;
  {
    MutexLock lock(mu_);
    if (!IsInWindow(files_.unscoped_until_ms())) return std::nullopt;
    entry = FindInMemory(hash);
  }
  if (!entry) {
    ST_TRY(entry, FindIn(in, hash));
  }
  if (!entry) return std::nullopt;
  const Claim known = KnownAt(*entry);
  const auto then = Read(*known.place, unscoped);
  if (!then) return Fail(ErrorCode::kUnavailable, "{}", then.error().message());
  if (then->request != request) return std::nullopt;
  return known;
}

bool KeyStore::MayHoldUnscoped(const Runs& in, std::string_view key) const {
  if (!IsInWindow(files_.unscoped_until_ms())) return false;
  const Hash128 hash = hasher_.OfKey({.key = key});
  {
    MutexLock lock(mu_);
    if (FindInMemory(hash)) return true;
  }
  return KeyFiles::MayHold(in, hash);
}

Result<KeyStore::Claim> KeyStore::Begin(const ScopedKey& key, const Hash128& request) {
  ST_TRY(auto claim, BeginInMemory(key, request));
  if (claim.verdict != Verdict::kUnsure) return claim;
  return Resolve(key, request);
}

Result<KeyStore::Claim> KeyStore::BeginInMemory(const ScopedKey& key, const Hash128& request) {
  const Hash128 hash = hasher_.OfKey(key);
  std::shared_ptr<const Runs> runs;
  {
    MutexLock lock(mu_);
    ST_TRY_STATUS(CheckUndamaged());
    if (const auto flying = in_flight_.find(hash); flying != in_flight_.end()) {
      const bool is_same = flying->second == request;
      return Claim{.verdict = is_same ? Verdict::kInFlight : Verdict::kOtherRequest};
    }
    if (const auto found = FindInMemory(hash)) return KnownAt(*found);
    if (recent_.size() + in_flight_.size() >= options_.memory_keys * kMemoryKeysFactor) {
      wake_.NotifyAll();
      return Fail(ErrorCode::kUnavailable,
                  "{} idempotency keys wait to be written to disk; retry later", recent_.size());
    }
    in_flight_.emplace(hash, request);
    runs = files_.runs();
  }
  const bool may_be_known = KeyFiles::MayHold(*runs, hash) ||
                            (key.scope != KeyScope() && MayHoldUnscoped(*runs, key.key));
  return Claim{.verdict = may_be_known ? Verdict::kUnsure : Verdict::kNew};
}

Result<KeyStore::Claim> KeyStore::Resolve(const ScopedKey& key, const Hash128& request) {
  // The caller holds the claim, so no other thread resolves or stores this key meanwhile.
  auto claim = Find(key, request);
  if (claim && !*claim) return Claim{};
  Abandon(key);
  if (!claim) return std::unexpected(claim.error());
  return **claim;
}

Result<std::optional<KeyStore::Claim>> KeyStore::Find(const ScopedKey& key,
                                                      const Hash128& request) {
  const Hash128 hash = hasher_.OfKey(key);
  std::shared_ptr<const Runs> runs;
  {
    MutexLock lock(mu_);
    // The keys may have been rebuilt from the log since BeginInMemory.
    ST_TRY_STATUS(CheckUndamaged());
    if (const auto found = FindInMemory(hash)) return KnownAt(*found);
    runs = files_.runs();
  }
  ST_TRY(const auto found, FindIn(*runs, hash));
  if (found) return KnownAt(*found);
  if (key.scope == KeyScope()) return std::nullopt;
  return FindUnscoped(*runs, key.key, request);
}

st::Status KeyStore::CheckUndamaged() const {
  if (!is_damaged_) return {};
  return Fail(ErrorCode::kUnavailable,
              "the idempotency keys are being rebuilt from the log; retry later");
}

KeyStore::Claim KeyStore::KnownAt(const KeyEntry& entry) {
  return {.verdict = Verdict::kKnown,
          .place = Place{.partition = entry.partition, .offset = Offset(entry.offset)}};
}

void KeyStore::Finish(const ScopedKey& key, const Place& place, std::int64_t time_ms) {
  const Hash128 hash = hasher_.OfKey(key);
  MutexLock lock(mu_);
  in_flight_.erase(hash);
  if (key.scope == KeyScope()) files_.NoteUnscoped(time_ms);
  recent_[hash] = {.hash = hash,
                   .partition = place.partition,
                   .offset = place.offset.value(),
                   .time_ms = time_ms};
  // During a rebuild the records before this one may not have been read yet.
  if (!is_damaged_) finished_[place.partition] = place.offset.value() + 1;
  if (recent_.size() == options_.memory_keys) wake_.NotifyAll();
}

void KeyStore::Abandon(const ScopedKey& key) {
  const Hash128 hash = hasher_.OfKey(key);
  MutexLock lock(mu_);
  in_flight_.erase(hash);
}

Result<Remembered> KeyStore::Read(const Place& place, const ScopedKey& key) const {
  ST_TRY(const auto read, log_.Read(place.partition, place.offset, 1));
  std::optional<Remembered> found;
  const auto look = [&](const record::Record& record) -> st::Status {
    if (record.offset != place.offset.value()) return {};
    auto remembered = ParseRecordHeaders(record);
    if (!remembered || remembered->key != key.key) return {};
    const bool is_ours = remembered->scope == key.scope || remembered->scope == KeyScope();
    if (is_ours) found = std::move(*remembered);
    return {};
  };
  ST_TRY_STATUS(ForEachOwnRecord(read, kMaxAnswerBatchBytes, look));
  if (found) return std::move(*found);
  return Fail(ErrorCode::kCorruption, "the record at offset {} does not have the key \"{}\"",
              place.offset, key.key);
}

TopicPosition KeyStore::PositionOf(const Place& place) const {
  const auto topic = log_.FindTopic(place.partition.topic);
  return {.topic = topic ? topic->name : "",
          .partition = place.partition.partition,
          .offset = place.offset};
}

KeyStore::Status KeyStore::status() const {
  const std::int64_t now_ms = clock_.NowUs() / 1000;
  MutexLock lock(mu_);
  Status out;
  out.keys = recent_.size() + (frozen_ ? frozen_->size() : 0);
  out.keys += files_.keys();
  out.files = files_.files();
  out.window_ms =
      std::clamp<std::int64_t>(now_ms - files_.dropped_until_ms(), 0, options_.window_ms);
  out.last_error = !last_error_.empty() ? last_error_ : damage_;
  out.damage = damage_;
  return out;
}

st::Status KeyStore::ReadLog() {
  const auto covered = files_.covered();
  for (const auto tp : AllPartitions(log_)) {
    std::int64_t from = log_.StartOffset(tp).value();
    const auto since = log_.OffsetForTime(tp, OldestMs());
    from = std::max(from, since ? since->first.value() : log_.EndOffset(tp).value());
    if (const auto at = covered.find(tp); at != covered.end()) {
      from = std::max(from, at->second);
    }
    ST_TRY_STATUS(ReadPartition(tp, from));
  }
  return {};
}

void KeyStore::Remember(const record::Record& record, TopicPartition tp) {
  const auto remembered = ParseRecordHeaders(record);
  if (!remembered) return;
  const Hash128 hash = hasher_.OfKey(remembered->scoped_key());
  MutexLock lock(mu_);
  if (remembered->scope == KeyScope()) files_.NoteUnscoped(record.timestamp_ms);
  recent_[hash] = {
      .hash = hash, .partition = tp, .offset = record.offset, .time_ms = record.timestamp_ms};
}

st::Status KeyStore::ReadPartition(TopicPartition tp, std::int64_t from) {
  const std::int64_t end = log_.EndOffset(tp).value();
  const auto remember = [&](const record::Record& record) -> st::Status {
    if (record.offset >= from) Remember(record, tp);
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
      finished_[tp] = from;
      is_full = recent_.size() >= options_.memory_keys;
    }
    if (!is_full) continue;
    ST_TRY_STATUS(Spill());
    ST_TRY_STATUS(DropOld());
    ST_TRY_STATUS(Merge());
  }
  MutexLock lock(mu_);
  finished_[tp] = std::max(finished_[tp], from);
  return {};
}

// The log has every key. The damaged files stay until a manifest names their replacement.
st::Status KeyStore::Rebuild() {
  {
    MutexLock lock(mu_);
    finished_.clear();
    frozen_.reset();  // its keys are in the log too
  }
  files_.Forget();
  ST_TRY_STATUS(ReadLog());
  ST_TRY_STATUS(files_.WriteManifest());
  ST_TRY_STATUS(files_.RemoveStrays());
  MutexLock lock(mu_);
  is_damaged_ = false;
  damage_ += kRebuilt;
  return {};
}

st::Status KeyStore::Work(bool is_last) {
  MutexLock working(work_mu_);
  bool is_damaged = false;
  {
    MutexLock lock(mu_);
    is_damaged = is_damaged_;
  }
  if (is_damaged) return Rebuild();
  Ends ends;
  for (const auto tp : AllPartitions(log_)) ends[tp] = log_.EndOffset(tp).value();
  auto covered = files_.covered();
  std::int64_t uncovered = 0;
  bool is_full = false;
  {
    MutexLock lock(mu_);
    // The ends were read before: if no key is in flight now, every key below them is finished.
    for (const auto& [tp, end] : ends) {
      if (in_flight_.empty()) finished_[tp] = std::max(finished_[tp], end);
      uncovered += finished_[tp] - covered[tp];
    }
    is_full = recent_.size() >= options_.memory_keys || frozen_;
  }
  if (is_full || uncovered > (is_last ? 0 : kUncoveredRecords)) ST_TRY_STATUS(Spill());
  ST_TRY_STATUS(DropOld());
  return is_last ? st::Status() : Merge();
}

st::Status KeyStore::Spill() {
  Ends covered;
  std::shared_ptr<const KeyMap> frozen;
  {
    MutexLock lock(mu_);
    // Keys of a write that failed are still frozen: they are written now, and newer ones next time.
    if (!frozen_) frozen_ = std::make_shared<const KeyMap>(std::exchange(recent_, {}));
    frozen = frozen_;
    covered = recent_.empty() ? finished_ : files_.covered();
  }
  std::vector<KeyEntry> entries;
  entries.reserve(frozen->size());
  for (const auto& [hash, entry] : *frozen) entries.push_back(entry);
  ST_TRY_STATUS(files_.Add(entries, std::move(covered)));
  {
    MutexLock lock(mu_);
    frozen_.reset();
  }
  return files_.WriteManifest();
}

st::Status KeyStore::Merge() {
  auto merged = files_.Merge();
  if (!merged && merged.error().code() == ErrorCode::kCorruption) ReportDamage(merged.error());
  return merged;
}

st::Status KeyStore::DropOld() {
  std::uint64_t in_memory = 0;
  {
    MutexLock lock(mu_);
    in_memory = recent_.size();
  }
  return files_.DropOld(OldestMs(), in_memory);
}

void KeyStore::Loop() {
  while (true) {
    {
      MutexLock lock(mu_);
      if (!is_stopping_ && !is_damaged_ && recent_.size() < options_.memory_keys) {
        wake_.WaitFor(mu_, std::chrono::microseconds(kRoundUs));
      }
      if (is_stopping_) return;
    }
    const auto done = Work(false);
    MutexLock lock(mu_);
    last_error_ = done ? "" : done.error().message();
    // Waiting loses nothing: keys that were not written are in memory and in the log.
    if (!done && !is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
  }
}

void KeyStore::Stop() {
  {
    MutexLock lock(mu_);
    if (std::exchange(is_stopped_, true)) return;
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.Join();
  Ignore(Work(true), "the next opening reads it from the log");
}

}  // namespace st::idempotency
