// Reads every data file of every table again, slowly, and compares it with the checksum of its
// commit: a disk loses bits in silence, and a damaged file is restored most easily while its copies
// are young. A damaged file is looked at more often, so that one that was put back is a problem no
// more.
//
// Threads: one thread at a time.
// Limits:  kFirstScrubUs, kScrubUs, kRecheckUs.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "jobs/damaged_file.h"
#include "lake/lake.h"
#include "os/clock.h"

namespace st::upkeep {

class Scrubber {
 public:
  // Both must outlive it.
  Scrubber(lake::Lake& lake, os::Clock& clock);

  // Checks a damaged file again or the next file of the round, if one is due; returns its bytes, 0
  // if none is due.
  std::int64_t Step();
  // Another reader found this file of the table damaged.
  void Note(const lake::TableName& table, const lake::DataFile& file, const Error& error);
  bool IsDamaged(const lake::TableName& table, const lake::DataFile& file) const {
    return damage_.contains({table, file.location});
  }
  // The damaged files that a table has still, by table and file.
  std::vector<jobs::DamagedFile> Damage() const;

 private:
  using Key = std::pair<lake::TableName, std::string>;  // table and location

  // Checks one of the damaged files again, if that is due; as Step.
  std::int64_t Recheck();
  // Reads a file of the table; returns its bytes, 0 if the table has it no more.
  std::int64_t Check(const Key& key);
  // The next file to look at; false: the round is over.
  bool Next();
  void ForgetWhatLeft();

  lake::Lake& lake_;
  os::Clock& clock_;
  std::int64_t next_round_us_ = 0;  // monotonic
  std::deque<lake::TableName> tables_;
  lake::TableName table_;          // whose files are next
  std::deque<std::string> files_;  // their locations
  std::map<Key, std::string> damage_;
  std::int64_t next_recheck_us_ = 0;  // monotonic
  Key rechecked_;                     // the last one that was
};

}  // namespace st::upkeep
