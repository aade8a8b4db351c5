#include "idempotency/key_store.h"

#include <algorithm>

#include "format/record/record_batch.h"

namespace st::idempotency {

KeyStore::KeyStore(os::FileSystem& fs, os::Clock& clock, log::Log& log, KeyStoreOptions options)
    : fs_(fs),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      hasher_(log.id()),
      runs_(std::make_shared<const Runs>()) {}

KeyStore::~KeyStore() { Stop(); }

Result<std::unique_ptr<KeyStore>> KeyStore::Open(os::FileSystem& fs, os::Clock& clock,
                                                 log::Log& log, KeyStoreOptions options) {
  auto answers = std::unique_ptr<KeyStore>(new KeyStore(fs, clock, log, std::move(options)));
  ST_TRY(const auto aside, os::OpenDerivedDir(fs, answers->options_.dir));
  {
    MutexLock working(answers->work_mu_);
    if (!aside.empty()) answers->NoteDamage(fmt::format("set aside as {}", aside));
    ST_TRY_STATUS(answers->LoadManifest());
    ST_TRY_STATUS(answers->RemoveStrays());
    ST_TRY_STATUS(answers->ReadLog());
  }
  answers->thread_ = os::Thread("answers", [raw = answers.get()] { raw->Loop(); });
  auto* metrics = answers->options_.metrics;
  if (metrics != nullptr) {
    metrics->Collected(
        "steelthread_idempotency_keys", "Keys that are remembered.", "gauge",
        [raw = answers.get()] {
          return MetricRegistry::Samples{{"", static_cast<double>(raw->status().keys)}};
        });
    metrics->Collected(
        "steelthread_idempotency_window_seconds", "How far back every key is remembered.", "gauge",
        [raw = answers.get()] {
          return MetricRegistry::Samples{{"", static_cast<double>(raw->status().window_ms) / 1000}};
        });
  }
  return answers;
}

void KeyStore::NoteDamage(std::string damage) {
  MutexLock lock(mu_);
  damage_ = std::move(damage) + "; made again from the log";
}

std::shared_ptr<const KeyStore::Runs> KeyStore::runs() const {
  MutexLock lock(mu_);
  return runs_;
}

void KeyStore::SetRuns(Runs runs) { runs_ = std::make_shared<const Runs>(std::move(runs)); }

bool KeyStore::IsInWindow(std::int64_t time_ms) const {
  return time_ms >= clock_.NowUs() / 1000 - options_.window_ms;
}

void KeyStore::Damaged(const Error& error) {
  MutexLock lock(mu_);
  is_damaged_ = true;
  damage_ = error.message();
  wake_.NotifyAll();
}

std::optional<KeyEntry> KeyStore::FindInMemory(const Hash128& hash) const {
  for (const KeyMap* map : {static_cast<const KeyMap*>(&recent_), frozen_.get()}) {
    if (map == nullptr) continue;
    const auto found = map->find(hash);
    if (found != map->end() && IsInWindow(found->second.time_ms)) return found->second;
  }
  return std::nullopt;
}

Result<std::optional<KeyEntry>> KeyStore::FindIn(const Runs& in, const Hash128& hash) {
  for (const auto& run : in) {
    auto found = run->Find(hash);
    if (!found) {
      Damaged(found.error());
      return Fail(ErrorCode::kUnavailable, "{}; retry later", found.error().message());
    }
    if (*found && IsInWindow((*found)->time_ms)) return found;
  }
  return std::nullopt;
}

Result<std::optional<KeyStore::Claim>> KeyStore::BeginUnscoped(const Runs& in, std::string_view key,
                                                               const Hash128& request) {
  const ScopedKey unscoped{.key = key};
  const Hash128 hash = hasher_.OfKey(unscoped);
  std::optional<KeyEntry> entry;
  {
    MutexLock lock(mu_);
    if (!IsInWindow(unscoped_until_ms_)) return std::nullopt;
    entry = FindInMemory(hash);
  }
  if (!entry) {
    ST_TRY(entry, FindIn(in, hash));
  }
  if (!entry) return std::nullopt;
  const Place place{.topic = entry->topic, .offset = Offset(entry->offset)};
  const auto then = Read(place, unscoped);
  if (!then) return Fail(ErrorCode::kUnavailable, "{}", then.error().message());
  if (then->request != request) return std::nullopt;
  return Claim{.verdict = Verdict::kKnown, .place = place};
}

Result<KeyStore::Claim> KeyStore::Begin(const ScopedKey& key, const Hash128& request) {
  const Hash128 hash = hasher_.OfKey(key);
  const auto known = [](const KeyEntry& entry) {
    return Claim{.verdict = Verdict::kKnown,
                 .place = Place{.topic = entry.topic, .offset = Offset(entry.offset)}};
  };
  std::shared_ptr<const Runs> runs;
  {
    MutexLock lock(mu_);
    if (is_damaged_) {
      return Fail(ErrorCode::kUnavailable,
                  "the idempotency keys are read from the log again; retry later");
    }
    if (const auto flying = in_flight_.find(hash); flying != in_flight_.end()) {
      const bool is_same = flying->second == request;
      return Claim{.verdict = is_same ? Verdict::kInFlight : Verdict::kOtherRequest};
    }
    if (const auto found = FindInMemory(hash)) return known(*found);
    if (recent_.size() + in_flight_.size() >= options_.memory_keys * kMemoryKeysFactor) {
      wake_.NotifyAll();
      return Fail(ErrorCode::kUnavailable,
                  "{} idempotency keys wait to be written to disk; retry later", recent_.size());
    }
    in_flight_.emplace(hash, request);
    runs = runs_;
  }
  // The key is ours meanwhile, so nobody else looks for it or stores it.
  const auto look = [&]() -> Result<std::optional<Claim>> {
    ST_TRY(const auto found, FindIn(*runs, hash));
    if (found) return known(*found);
    if (key.scope == KeyScope()) return std::nullopt;
    return BeginUnscoped(*runs, key.key, request);
  };
  auto claim = look();
  if (claim && !*claim) return Claim{};
  Abandon(key);
  if (!claim) return std::unexpected(claim.error());
  return **claim;
}

void KeyStore::Finish(const ScopedKey& key, const Place& place, std::int64_t time_ms) {
  const Hash128 hash = hasher_.OfKey(key);
  MutexLock lock(mu_);
  in_flight_.erase(hash);
  if (key.scope == KeyScope()) unscoped_until_ms_ = std::max(unscoped_until_ms_, time_ms);
  recent_[hash] = {
      .hash = hash, .topic = place.topic, .offset = place.offset.value(), .time_ms = time_ms};
  // While the log is read again, what lies before may not be read yet.
  if (!is_damaged_) finished_[place.topic] = place.offset.value() + 1;
  if (recent_.size() == options_.memory_keys) wake_.NotifyAll();
}

void KeyStore::Abandon(const ScopedKey& key) {
  const Hash128 hash = hasher_.OfKey(key);
  MutexLock lock(mu_);
  in_flight_.erase(hash);
}

Result<Remembered> KeyStore::Read(const Place& place, const ScopedKey& key) const {
  const TopicPartition tp{.topic = place.topic, .partition = PartitionId(0)};
  ST_TRY(const auto read, log_.Read(tp, place.offset, 1));
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

KeyStore::Status KeyStore::status() const {
  const std::int64_t now_ms = clock_.NowUs() / 1000;
  MutexLock lock(mu_);
  Status out;
  out.keys = recent_.size() + (frozen_ ? frozen_->size() : 0);
  for (const auto& run : *runs_) out.keys += run->count();
  out.files = runs_->size();
  out.window_ms = std::clamp<std::int64_t>(now_ms - dropped_until_ms_, 0, options_.window_ms);
  out.last_error = !last_error_.empty() ? last_error_ : damage_;
  out.damage = damage_;
  return out;
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
    // Nothing is lost by waiting: what could not be written stays in memory and in the log.
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
