// The files of one folder of a table that its newest version does not name any more. Each stays on
// the disk until an hour after the last snapshot or View that names it is gone: whoever has read
// the metadata may still open it.
//
// What a process that ended had still to remove is found by FindOrphans (lake/orphans.h), and waits
// here for its hour again: nobody knows when the last snapshot that named it went.
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
  // Snapshots with these sequence numbers, which named the files, name others now. Views with them
  // still name the files. Costs the number of files that are still named.
  void Unname(const std::set<std::string>& locations,
              const std::set<std::int64_t>& sequence_numbers);
  // The table names the files again. Costs the number of retired files.
  void Forget(const std::set<std::string>& locations);

  // Forgets the files that nothing has named for kKeepUnnamedUs, and returns their locations.
  // `snapshots` and `views` are the sequence numbers of those that exist, `now_us` is monotonic.
  // Costs the number of files that are still named.
  std::vector<std::string> TakeUnnamed(std::int64_t now_us, const std::set<std::int64_t>& snapshots,
                                       const std::set<std::int64_t>& views = {});

  // Costs the number of files.
  bool Contains(std::string_view location) const;
  // The location lies in the folder.
  bool IsFolderOf(std::string_view location) const;

 private:
  // There are thousands in a busy hour, so the folder is not stored with each.
  struct Named {
    std::string name;
    Lifetime lifetime;
    std::vector<std::int64_t> others;  // snapshots of its lifetime that do not name it; rising
  };
  struct Unnamed {
    std::string name;
    std::int64_t since_us = 0;
  };

  static bool IsNamed(const Named& file, const std::set<std::int64_t>& snapshots,
                      const std::set<std::int64_t>& views);

  const std::string folder_;
  const std::size_t max_unnamed_;
  std::vector<Named> named_;
  std::deque<Unnamed> unnamed_;  // by time
};

}  // namespace st::lake
