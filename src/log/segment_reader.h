// Reads stored batches from the segments of one folder where the index says they lie, and remembers
// what reading met.
//
// Threads: safe from any thread.
// Errors: kCorruption for a damaged or missing segment, kIo for a place that the disk refuses to
//         read. damage() shows the first that was met.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "log/index.h"
#include "log/log.h"
#include "log/reader/entry.h"
#include "os/file_system.h"

namespace st::log {

class SegmentReader {
 public:
  using TakeBatch = std::function<void(const EntryHeader& header, const StoredBatch& batch)>;

  // Reads the segments in folder `dir`. `fs` outlives the reader.
  SegmentReader(os::FileSystem& fs, std::string dir);

  // Calls `take` with each of the first batches, at least one, that one read of the disk gives, and
  // returns their number. What `take` gets is valid during its call. `bytes` is room that the
  // caller keeps from call to call. 0, with DiskWait::kNever alone: the read would have to wait.
  // Requires: `entries` is not empty.
  Result<std::size_t> ReadSpan(std::span<const IndexEntry> entries, std::string& bytes,
                               const TakeBatch& take, DiskWait wait = DiskWait::kAllowed);
  // Reads who a batch is from its entry.
  Result<BatchIdentity> ReadIdentity(const IndexEntry& entry);
  // Closes the segments of these batches: a file that is open here may have lost its name since.
  void CloseSegments(std::span<const IndexEntry> entries);

  // Closes a segment that is removed. From now on reading it is kNotFound and no damage.
  void ForgetSegment(std::uint64_t segment);

  // What reading met first. It passes when a missing segment is back, or the place that the disk
  // refused can be read, which each call tries; damage of bytes stays.
  std::optional<Error> damage() const;

 private:
  struct Damage {
    Error error;
    std::string missing;  // path of the segment that is not there; "" if it is
    // The place that the disk refused to read; segment 0: none, position 0: it does not open.
    std::uint64_t segment = 0;
    std::uint64_t position = 0;
  };

  Result<std::shared_ptr<os::File>> OpenSegment(std::uint64_t segment);
  // nullptr: it is not open, or was removed.
  std::shared_ptr<os::File> OpenedSegment(std::uint64_t segment);
  // Fills `bytes` from `position`; 0 as ReadSpan.
  Result<std::size_t> ReadBytes(std::uint64_t segment, std::uint64_t position, std::string& bytes,
                                DiskWait wait);
  std::string PathOf(std::uint64_t segment) const;
  // Each returns the error that its caller gives, and remembers it if it is the first.
  Error NoteDamaged(std::uint64_t segment, std::uint64_t position, const std::string& why);
  // Of a segment that is missing, or has something else in its place: `what`.
  Error NoteMissing(std::uint64_t segment, const std::string& what);
  Error NoteUnreadable(std::uint64_t segment, std::uint64_t position, const Error& error);
  void NoteRead(std::uint64_t segment, std::uint64_t position);
  // Looks again at a segment that was missing, or a place that could not be read.
  bool IsPast(const Damage& damage) const;

  os::FileSystem& fs_;
  const std::string dir_;
  struct Files {
    std::map<std::uint64_t, std::shared_ptr<os::File>> open;
    std::set<std::uint64_t> removed;  // since the opening
  };
  Guarded<Files> files_;
  mutable Guarded<std::optional<Damage>> damage_;
  mutable std::atomic<bool> is_unreadable_ = false;  // damage_ is of a place
};

}  // namespace st::log
