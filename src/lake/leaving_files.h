// The files that leave a table, by commits and by the expiry of snapshots, until they leave the
// disk.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "format/iceberg/table_metadata.h"
#include "lake/retired_files.h"
#include "lake/table_state.h"
#include "lake/tagged_snapshots.h"

namespace st::lake {

class LeavingFiles {
 public:
  explicit LeavingFiles(const TableFolder& folder);

  // Readers may hold the state's View from now on.
  void Show(const TableState& state);
  // What a version does not name any more, beside manifests and the files of properties.
  struct Parting {
    std::set<std::string> removed;           // locations of data files
    std::vector<iceberg::Snapshot> expired;  // whose lists go
    TaggedChange tagged;
    bool is_rollback = false;  // the version may name files again that had left
  };
  // `next` replaces `before`: what it does not name any more leaves.
  void Leave(const TableState& before, const TableState& next, const Parting& parting);
  // Files that nothing names leave: nobody knows since when nothing names them.
  // Requires: Contains is false for each.
  void LeaveOrphans(const std::vector<std::string>& locations);

  // The files whose time has come; they are forgotten. `now_us` is monotonic.
  std::vector<std::string> Take(const TableState& state, std::int64_t now_us);
  bool Contains(std::string_view location) const;
  // Somebody holds a View other than that of `state`.
  bool IsHeld(const TableState& state) const;

 private:
  void LeaveStoredValues(const TableState& before, const TableState& next);
  // `next` names files again that had left.
  void Return(const TableState& next);

  RetiredFiles data_;
  RetiredFiles metadata_;  // but for versions
  RetiredFiles versions_;
  // The Views that somebody may hold, by the sequence number of their snapshot.
  std::vector<std::pair<std::int64_t, std::weak_ptr<const View>>> shown_;
};

// What left between two versions, of which this process may not have made the second.
LeavingFiles::Parting PartingBetween(const TableState& before, const TableState& read);

}  // namespace st::lake
