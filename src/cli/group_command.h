// `steelthread group ls|describe|reset-offsets|delete`: asks the running server about consumer
// groups.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/config.h"

namespace st::cli {

struct GroupOptions {
  std::string name;
  std::string format = "table";
};

// Each prints rows; the exit code of the command.
int ListGroups(const app::Config& config, const GroupOptions& options);
// A row for each partition with its lag and its member, and for each member without a partition;
// the state goes to stderr. As JSON one object with all of it.
int DescribeGroup(const app::Config& config, const GroupOptions& options);

struct ResetOffsetsOptions {
  std::string name;
  std::string topic;  // "": all that the group has offsets of
  // One of these says where to.
  bool to_earliest = false;
  bool to_latest = false;
  std::optional<std::int64_t> to_offset;
  std::optional<std::int64_t> shift_by;
  std::string to_datetime;
  bool is_sure = false;  // --yes; else it says what it would do, and nothing is changed
};
// Sets the committed offsets of a group without members.
int ResetOffsets(const app::Config& config, const ResetOffsetsOptions& options);

struct DeleteGroupOptions {
  std::string name;
};
// Deletes a group without members, with its offsets.
int DeleteGroup(const app::Config& config, const DeleteGroupOptions& options);

}  // namespace st::cli
