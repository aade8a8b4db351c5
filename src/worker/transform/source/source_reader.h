// Reads the records of one source of a job, in the source's order. One implementation a kind of
// source: to add one, add an alternative to jobs::Source and its reader to OpenSource.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/messages.h"
#include "jobs/source.h"
#include "os/file_system.h"

namespace st::worker::transform::source {

// A record as its source has it.
struct SourceRecord {
  std::string_view topic;
  jobs::RecordId id;
  std::int64_t timestamp_ms = 0;
  bool is_log_append_time = false;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  // Why a batch cannot be read: this stands for its records from `id` on, `count` of them.
  // kInvalidArgument: they decompress to too much; kCorruption: they are no records.
  std::optional<Error> unreadable;
  std::int64_t count = 1;
};

// Threads: one thread.
// Errors:  kCorruption, damage of the source, with file and offset; kNotFound, a file of it is
//          missing; kIo.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  // The next record; its views are valid until the next call. False: the source is over.
  virtual Result<bool> Next(SourceRecord& record) = 0;
  // The part of the source that the last record came from, counted from 0: a unit that can be read
  // again by itself.
  virtual std::size_t part() const = 0;
};

// Reads all parts of a source, or only `parts`, rising. `source` and `fs` must outlive the reader.
std::unique_ptr<SourceReader> OpenSource(
    const jobs::Source& source, os::FileSystem& fs,
    std::optional<std::vector<std::size_t>> parts = std::nullopt);

}  // namespace st::worker::transform::source
