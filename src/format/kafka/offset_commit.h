// OffsetCommit (key 8): how far a group has read.
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

inline constexpr ApiRange kOffsetCommitApi{
    .key = ApiKey::kOffsetCommit,
    .min = 2,  // those before it were kept elsewhere than by the group's coordinator
    .max = 9,  // the last one with names of topics; 7: static members
    .flexible_from = 8,
};

struct OffsetToCommit {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;  // from version 6 on
  std::string_view metadata;
  ErrorCode error = ErrorCode::kNone;  // of the answer
};
struct OffsetCommitRequest {
  std::string_view group;
  std::int32_t generation = -1;
  std::string_view member;
  std::optional<std::string_view> instance;
  std::int64_t retention_ms = -1;  // versions 2 to 4; -1: the server's
  std::vector<OffsetToCommit> offsets;
};
std::optional<OffsetCommitRequest> DecodeOffsetCommit(const RequestHeader& request);
std::string EncodeOffsetCommit(const RequestHeader& request,
                               const std::vector<OffsetToCommit>& offsets);

}  // namespace st::kafka
