// Read-only view of the log's segments for worker processes: entries by their extents.
//
// Threads: one thread.
// Errors:  kCorruption names file and offset.
// Format:  docs/formats/commit_log.md
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "log/reader/entry.h"
#include "os/file_system.h"

namespace st::log {

struct ExtentBatch {
  EntryHeader entry;
  BatchIdentity identity;
  std::string batch;  // the Kafka batch that it stores
};

class ExtentReader {
 public:
  explicit ExtentReader(os::FileSystem& fs) : fs_(fs) {}
  // The entry at `position` of `file`, its CRC checked.
  Result<ExtentBatch> ReadBatch(const std::string& file, std::uint64_t position,
                                std::uint32_t length);

 private:
  os::FileSystem& fs_;
  std::string open_path_;
  std::unique_ptr<os::File> file_;
};

}  // namespace st::log
