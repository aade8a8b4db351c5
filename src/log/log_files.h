// What the files of a log hold, read without opening the log: what an opening would find.
//
// Threads: immutable once it is read. A server may append to the log during Read: what it made
//          durable before is read.
// Errors:  of Read, as an opening: kCorruption names file and byte; kUnsupported: a newer
//          program's log; kIo. A missing folder is an empty log.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/local_log.h"
#include "log/log_contents.h"
#include "log/reader/segment.h"
#include "log/state.h"
#include "log/verify.h"
#include "os/file_system.h"

namespace st::log {

class LogFiles final : public LogContents {
 public:
  // Records that EntryCrc is asked for.
  using Records = std::map<TopicPartition, std::set<std::int64_t>>;

  // Calls `visit` as VerifyLog does. `fs` must outlive it.
  static Result<std::unique_ptr<LogFiles>> Read(os::FileSystem& fs, const std::string& dir,
                                                const Records& wanted, const DumpVisitor& visit);

  Uuid id() const override { return id_; }
  std::vector<TopicInfo> Topics() const override;
  std::optional<TopicInfo> FindTopic(const std::string& name) const override;
  std::optional<TopicInfo> FindTopic(TopicId id) const override;
  Offset StartOffset(TopicPartition tp) const override { return Offset(RangeOf(tp).start); }
  Offset EndOffset(TopicPartition tp) const override { return Offset(RangeOf(tp).end); }
  // As LocalLog::EntryCrc, of the records that Read was asked for.
  Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const;

  // Whether the disk has room for what an opening with `options` appends, each entry with a payload
  // of one of these sizes. A log that exists is opened without them on a full disk too.
  // kUnavailable: as the opening, or the append, would say.
  Status CheckRoom(const LogOptions& options, std::span<const std::uint64_t> payload_bytes) const;

 private:
  explicit LogFiles(os::FileSystem& fs) : fs_(fs) {}
  Status Apply(const Records& wanted, const EntryHeader& entry, std::string_view payload);
  OffsetRange RangeOf(TopicPartition tp) const;

  os::FileSystem& fs_;
  Uuid id_;
  LogState state_;
  SegmentPlace end_;
  std::map<TopicPartition, std::map<std::int64_t, std::uint32_t>> crcs_;  // by offset
};

}  // namespace st::log
