// OffsetFetch (key 9): the offsets that groups committed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kOffsetFetchApi{
    .key = ApiKey::kOffsetFetch,
    .min = 1,  // the one before it was answered from elsewhere than the group's coordinator
    .max = 9,  // the last one with names of topics; 8: several groups at once
    .flexible_from = 6,
};

struct GroupPartition {
  std::string_view topic;
  std::int32_t partition = 0;
};
struct GroupToFetch {
  std::string_view group;
  // Of a member of the new protocol of groups, whose epoch is checked; from version 9 on.
  std::optional<std::string_view> member;
  std::int32_t epoch = -1;
  bool is_all = false;  // every offset that the group has; from version 2 on
  std::vector<GroupPartition> partitions;
};
// One group below version 8.
std::optional<std::vector<GroupToFetch>> DecodeOffsetFetch(const RequestHeader& request);

struct FetchedOffset {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = -1;  // -1: none is committed
  std::int32_t leader_epoch = -1;
  std::string_view metadata;
  ErrorCode error = ErrorCode::kNone;
};
struct FetchedGroup {
  std::string_view group;
  std::vector<FetchedOffset> offsets;
  ErrorCode error = ErrorCode::kNone;
};
// Requires: below version 8, one.
std::string EncodeOffsetFetch(const RequestHeader& request,
                              const std::vector<FetchedGroup>& groups);

}  // namespace st::kafka
