// An immutable file of keys' hashes and the positions of their records, sorted by hash.
//
// Format: docs/formats/answers.md. Total on hostile input.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "idempotency/key_hash.h"
#include "os/file_system.h"

namespace st::idempotency {

struct KeyEntry {
  Hash128 hash;
  TopicPartition partition;  // of the record; its number is below 2^16
  std::int64_t offset = 0;
  std::int64_t time_ms = 0;
};

// Threads: safe from any thread.
// Errors: kCorruption names the file and the block.
class KeyRun {
 public:
  // Reads and checks head and filter; blocks are read and checked when they are used.
  static Result<std::shared_ptr<const KeyRun>> Open(os::FileSystem& fs, const std::string& path);
  // As above, of an open file; `path` is for messages.
  static Result<std::shared_ptr<const KeyRun>> Open(std::unique_ptr<os::File> file,
                                                    const std::string& path);

  // False: the run does not hold the key. Reads the filter in memory, not the file, and is true for
  // about one in a hundred keys that the run does not hold.
  bool MayHold(const Hash128& hash) const;
  Result<std::optional<KeyEntry>> Find(const Hash128& hash) const;
  // All entries in order.
  Status ForEach(const std::function<Status(const KeyEntry&)>& take) const;

  const std::string& path() const { return path_; }
  std::uint64_t count() const { return count_; }
  // Differs between runs.
  std::uint32_t head_crc() const { return head_crc_; }
  std::int64_t min_time_ms() const { return min_time_ms_; }
  std::int64_t max_time_ms() const { return max_time_ms_; }

  // The entries of one block, in order.
  std::uint64_t blocks() const;
  Result<std::vector<KeyEntry>> Block(std::uint64_t index) const;

 private:
  KeyRun() = default;

  std::string path_;
  std::unique_ptr<os::File> file_;
  bool has_partitions_ = false;
  std::uint64_t count_ = 0;
  std::uint32_t head_crc_ = 0;
  std::int64_t min_time_ms_ = 0;
  std::int64_t max_time_ms_ = 0;
  std::string filter_;
};

// Writes a run. Requires: entries are added in the order of their hashes.
class KeyRunWriter {
 public:
  // At most `most` entries will come: the filter's size follows from it.
  static Result<KeyRunWriter> Create(os::FileSystem& fs, const std::string& path,
                                     std::uint64_t most);
  Status Add(const KeyEntry& entry);
  // Synced on return; the folder is not.
  Status Finish();

 private:
  KeyRunWriter() = default;
  Status FlushBlock();

  std::unique_ptr<os::File> file_;
  std::uint64_t at_ = 0;
  std::uint64_t count_ = 0;
  std::int64_t min_time_ms_ = 0;
  std::int64_t max_time_ms_ = 0;
  std::string block_;
  std::string filter_;
};

}  // namespace st::idempotency
