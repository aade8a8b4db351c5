// The keys of the key store in LevelDB, to compare with KeyFiles: one database for each slice of
// time, so that a slice expires by the removal of a folder.
//
// Threads: one thread.
// Owner:   the caller; Options::env must outlive it.
// Durable: what was added with `is_synced`, and everything before it. Of the rest a prefix.
// Errors:  kIo, kCorruption: LevelDB's words.
#pragma once

#include <leveldb/db.h>
#include <leveldb/env.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "idempotency/key_run.h"

namespace st::idempotency::testing {

class LevelDbKeys {
 public:
  struct Options {
    std::string dir;
    std::int64_t slice_ms = 3'600'000;
    std::size_t write_buffer_bytes = 16 << 20;
    leveldb::Env* env = leveldb::Env::Default();
  };
  static Result<std::unique_ptr<LevelDbKeys>> Open(Options options);
  ~LevelDbKeys();

  // The entry of a key that is not older than this.
  Result<std::optional<KeyEntry>> Find(const Hash128& hash, std::int64_t oldest_ms);
  // Adds entries; from then on the records before `covered` are known. Requires: `entries` are in
  // the order of their times.
  Status Add(std::span<const KeyEntry> entries, std::int64_t covered, bool is_synced = false);
  // The last `covered` that is stored; 0: none.
  Result<std::int64_t> Covered();
  // Drops the slices whose newest key may not be newer than this, and deletes the older keys of
  // the slice that this time is in, one by one. Gives how many were deleted one by one.
  Result<std::uint64_t> DropOld(std::int64_t oldest_ms);
  // Rewrites the tables of all slices without the deleted keys.
  void Compact();
  std::size_t slices() const { return slices_.size(); }

 private:
  explicit LevelDbKeys(Options options);
  Result<leveldb::DB*> SliceOf(std::int64_t time_ms);
  Result<leveldb::DB*> OpenSlice(std::int64_t slice);
  Result<std::uint64_t> DeleteOld(leveldb::DB& slice, std::int64_t oldest_ms);

  const Options options_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::map<std::int64_t, std::unique_ptr<leveldb::DB>> slices_;  // by number: time / slice_ms
};

}  // namespace st::idempotency::testing
