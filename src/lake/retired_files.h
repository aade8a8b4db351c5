// The files of one folder of a table that its newest version does not name any more. Each stays on
// the disk until an hour after the last snapshot or View that names it is gone: whoever has read
// the metadata may still open it.
//
// What a process that ended had still to remove is found by FindOrphans (lake/orphans.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace st::lake {

class RetiredFiles {
 public:
  // Beyond `max_unnamed` files that nothing names, the oldest need not wait for their hour.
  explicit RetiredFiles(std::string folder, std::size_t max_unnamed = SIZE_MAX)
      : folder_(std::move(folder)), max_unnamed_(max_unnamed) {}

  // Snapshots with a sequence number from `from` to before `until` name the file.
  struct Lifetime {
    std::int64_t from = 0;
    std::int64_t until = 0;  // the same as `from`: no snapshot names it
  };
  // Requires: `location` lies in the folder.
  void Add(std::string_view location, Lifetime lifetime);
  // The table names the files again. Costs the number of retired files.
  void Forget(const std::set<std::string>& locations);

  // Forgets the files that nothing has named for kKeepUnnamedUs, and returns their locations.
  // `named` are the sequence numbers of the snapshots and Views that exist, `now_us` is monotonic.
  // Costs the number of files that are still named.
  std::vector<std::string> TakeUnnamed(std::int64_t now_us, const std::set<std::int64_t>& named);

  // Costs the number of files.
  bool Contains(std::string_view location) const;

 private:
  // There are thousands in a busy hour, so the folder is not stored with each.
  struct Named {
    std::string name;
    Lifetime lifetime;
  };
  struct Unnamed {
    std::string name;
    std::int64_t since_us = 0;
  };

  const std::string folder_;
  const std::size_t max_unnamed_;
  std::vector<Named> named_;
  std::deque<Unnamed> unnamed_;  // by time
};

}  // namespace st::lake
