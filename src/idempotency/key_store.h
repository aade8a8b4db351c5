// STORE: the idempotency keys of the last day and the positions of their records. Declared routes
// and the game share it.
//
// The truth is the log: a record's headers (answer_record.h). Everything here is derived from it:
// the newest keys are in memory, the others in sorted files of one hour each (key_files.h), which
// the store's thread writes and merges. Opening reads the records that the files do not cover from
// the log, and all records of the last day where a file is damaged.
//
// Threads: safe from any thread. Begin, Resolve and Read may read files; BeginInMemory does not.
// Owner:   main; `fs`, `clock`, `log` must outlive it. The caller of a claim finishes or abandons
//          it.
// Durable: a key is remembered from the moment at which its record is durable.
// Limits:  limits.h: 24 hours, or kMaxKeys, whichever comes first.
// Errors:  kUnavailable too many keys wait to be written, or the keys are being rebuilt after
//          damage: retry later.
// Format:  docs/formats/answers.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "idempotency/answer_record.h"
#include "idempotency/key_files.h"
#include "idempotency/key_hash.h"
#include "idempotency/limits.h"
#include "log/local_log.h"
#include "os/env.h"
#include "os/thread.h"

namespace st::idempotency {

struct KeyStoreOptions {
  std::string dir;  // <data.dir>/answers
  std::int64_t window_ms = kKeyWindowMs;
  std::uint64_t max_keys = kMaxKeys;
  std::size_t memory_keys = kMemoryKeys;  // files are written when so many are in memory
};

class KeyStore {
 public:
  struct Place {
    TopicPartition partition;
    Offset offset;
  };
  enum class Verdict { kNew, kInFlight, kOtherRequest, kKnown, kUnsure };
  struct Claim {
    Verdict verdict = Verdict::kNew;
    std::optional<Place> place;  // of kKnown
  };

  static Result<std::unique_ptr<KeyStore>> Open(const os::Env& env, log::LocalLog& log,
                                                KeyStoreOptions options);
  ~KeyStore();

  const KeyHasher& hasher() const { return hasher_; }
  // kNew claims the key: Finish or Abandon follows, or neither where the outcome is unknown.
  // kKnown: Read gives the first request and its answer; the caller compares the requests. A record
  // without a scope, as earlier versions wrote, is known to every scope, but only to the same
  // request.
  Result<Claim> Begin(const ScopedKey& key, const Hash128& request);
  // Begin for a thread that must not wait for the disk: kUnsure where files have to be read. Then
  // the key is claimed, and Resolve follows on another thread.
  Result<Claim> BeginInMemory(const ScopedKey& key, const Hash128& request);
  // After kUnsure: reads the files. Only kNew keeps the claim.
  Result<Claim> Resolve(const ScopedKey& key, const Hash128& request);
  // The record that remembers the key is durable. Calls for one partition come in the order of the
  // offsets. `time_ms` is the record's.
  void Finish(const ScopedKey& key, const Place& place, std::int64_t time_ms);
  // Nothing was stored; the key is free again.
  void Abandon(const ScopedKey& key);
  // The request and answer that a record remembers. kCorruption: there is no such record, or it has
  // another key.
  Result<Remembered> Read(const Place& place, const ScopedKey& key) const;
  // The place with its topic's name. Requires: the place is that of a claim.
  TopicPosition PositionOf(const Place& place) const;

  struct Status {
    std::uint64_t keys = 0;
    std::int64_t window_ms = 0;  // how far back every key is known
    std::uint64_t files = 0;
    std::string last_error;  // damage, or a write that failed
    std::string damage;      // the last damage since the start; the keys are rebuilt by themselves
  };
  Status status() const;

  // Writes the keys in memory to files, so that the next opening has little to read. Idempotent.
  void Stop();

 private:
  using KeyMap = std::unordered_map<Hash128, KeyEntry, Hash128Hash>;
  using Ends = KeyFiles::Ends;
  using Runs = KeyFiles::Runs;

  KeyStore(const os::Env& env, log::LocalLog& log, KeyStoreOptions options);

  // Opening, and again after damage.
  st::Status ReadLog() ST_REQUIRES(work_mu_);
  st::Status ReadPartition(TopicPartition tp, std::int64_t from) ST_REQUIRES(work_mu_);
  void Remember(const record::Record& record, TopicPartition tp);

  // The newest record of the key in these files, within the window.
  Result<std::optional<KeyEntry>> FindIn(const Runs& in, const Hash128& hash);
  std::optional<KeyEntry> FindInMemory(const Hash128& hash) const ST_REQUIRES(mu_);
  // False: no record without a scope has the key. Reads no file.
  bool MayHoldUnscoped(const Runs& in, std::string_view key) const;
  // The claim by a record without a scope that answered this very request.
  Result<std::optional<Claim>> FindUnscoped(const Runs& in, std::string_view key,
                                            const Hash128& request);

  Result<std::optional<Claim>> Find(const ScopedKey& key, const Hash128& request);

  void Loop();
  // One round of the thread: writes, merges and drops files.
  st::Status Work(bool is_last);
  st::Status Rebuild() ST_REQUIRES(work_mu_);
  st::Status Spill() ST_REQUIRES(work_mu_);
  st::Status Merge() ST_REQUIRES(work_mu_);
  st::Status DropOld() ST_REQUIRES(work_mu_);
  // Refuses claims until Rebuild.
  void ReportDamage(const Error& error);
  st::Status CheckUndamaged() const ST_REQUIRES(mu_);
  static Claim KnownAt(const KeyEntry& entry);
  std::int64_t OldestMs() const;
  bool IsInWindow(std::int64_t time_ms) const { return time_ms >= OldestMs(); }

  os::Clock& clock_;
  log::LocalLog& log_;
  const KeyStoreOptions options_;
  const KeyHasher hasher_;
  os::Thread thread_;

  Mutex work_mu_;   // one round at a time; taken before mu_
  KeyFiles files_;  // changed under work_mu_

  mutable Mutex mu_;
  CondVar wake_;
  std::unordered_map<Hash128, Hash128, Hash128Hash> in_flight_ ST_GUARDED_BY(mu_);  // the requests
  KeyMap recent_ ST_GUARDED_BY(mu_);
  std::shared_ptr<const KeyMap> frozen_ ST_GUARDED_BY(mu_);  // keys that are being written
  Ends finished_ ST_GUARDED_BY(mu_);  // keys of records below are in files_, frozen_ or recent_
  bool is_damaged_ ST_GUARDED_BY(mu_) = false;  // claims are refused until Rebuild
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  bool is_stopped_ ST_GUARDED_BY(mu_) = false;
  std::string damage_ ST_GUARDED_BY(mu_);      // the last one
  std::string last_error_ ST_GUARDED_BY(mu_);  // of the last round
};

}  // namespace st::idempotency
