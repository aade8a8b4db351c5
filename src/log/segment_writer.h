// Creates, grows, appends to and closes the active segment.
//
// Threads: owned by the commit thread; NoteHeldBack is safe from any.
// Errors:  kUnavailable: no space beyond the reserve, or the file system failed before any entry
//          was written; the same call may be tried again. kIo: an entry's write or a sync that
//          must not be repeated failed; the caller poisons the log.
// Format:  docs/formats/commit_log.md
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"
#include "log/local_log.h"
#include "log/reader/segment.h"
#include "os/file_system.h"

namespace st::log {

class SegmentWriter {
 public:
  SegmentWriter(os::FileSystem& fs, const LogOptions& options) : fs_(fs), options_(options) {}

  // Whether log.reserve_bytes may be used from here on: for entries that let disk be freed.
  void UseReserve(bool may) { may_use_reserve_ = may; }
  // What is told beside a disk that is full: who keeps records that would go else; "": nobody.
  void NoteHeldBack(const std::string& text) {
    held_back_.With([&](auto& held_back) { held_back = text; });
  }
  // Continues an existing segment.
  Status Resume(const SegmentPlace& place);
  // Makes segment `header.sequence` with `checkpoint` (encoded entries, padded) as its first
  // entries, synced under its own name. The one before is unaffected if this fails; if the new one
  // may have its name by then, is_full() is true until Start succeeds.
  Status Start(const SegmentHeader& header, std::string_view checkpoint);

  std::uint64_t sequence() const { return sequence_; }
  std::uint64_t position() const { return position_; }
  std::uint32_t version() const { return version_; }
  // A segment holds at least as many bytes of entries as its checkpoint has, and always one entry.
  bool is_full(std::uint64_t more) const {
    return may_have_next_ ||
           (position_ > checkpoint_end_ &&
            position_ + more > std::max(options_.segment_bytes, 2 * checkpoint_end_));
  }
  // Whether Start would find room; kUnavailable.
  Status CheckSpaceForSegment() { return CheckSpace(options_.allocate_chunk_bytes); }
  // Whether entries of `bytes` find room: in this segment, which Reserve would let grow, or in the
  // next, which Start would begin. kUnavailable.
  Status CheckRoom(std::uint64_t bytes);
  // Allocates disk for `bytes`; kUnavailable when that would use the disk reserve.
  Status Reserve(std::uint64_t bytes);
  // kUnavailable where the segment's path does not name its file any more: the folder was moved or
  // removed, and it may come back.
  Status CheckPlace();
  // Writes and syncs; Requires: Reserve(sum of parts) succeeded. kIo too where the segment is not
  // at its path afterwards.
  Status Append(std::span<const std::string_view> parts, std::uint64_t bytes);
  // Truncates the unused space behind the last entry; the length is then final.
  Status Close();

 private:
  std::string Path(std::uint64_t sequence) const;
  Status CheckSpace(std::uint64_t bytes);
  // The size that a new segment is allocated to.
  std::uint64_t SizeOf(std::string_view checkpoint) const;
  // The size that the segment is allocated to for entries of `bytes` more.
  std::uint64_t SizeFor(std::uint64_t bytes) const;
  Status StartUnder(const std::string& path, const SegmentHeader& header,
                    std::string_view checkpoint);

  os::FileSystem& fs_;
  const LogOptions& options_;
  std::unique_ptr<os::File> file_;
  std::uint64_t sequence_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t checkpoint_end_ = 0;
  std::uint64_t allocated_ = 0;
  std::uint32_t version_ = 0;
  bool may_use_reserve_ = false;
  Guarded<std::string> held_back_;
  // The rename that names the next segment was called and not known to be durable: an entry that
  // went behind this one's end would contradict the next one's header.
  bool may_have_next_ = false;
};

}  // namespace st::log
