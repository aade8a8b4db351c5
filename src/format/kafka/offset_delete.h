// OffsetDelete (key 47): removes offsets of topics that a group does not read.
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

inline constexpr ApiRange kOffsetDeleteApi{
    .key = ApiKey::kOffsetDelete,
    .min = 0,
    .max = 0,  // there is one
};

struct OffsetToDelete {
  std::string_view topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;  // of the answer
};
struct OffsetDeleteRequest {
  std::string_view group;
  std::vector<OffsetToDelete> offsets;
};
std::optional<OffsetDeleteRequest> DecodeOffsetDelete(const RequestHeader& request);
// With an error of all there are no offsets in the answer.
std::string EncodeOffsetDelete(const RequestHeader& request, ErrorCode error,
                               const std::vector<OffsetToDelete>& offsets);

}  // namespace st::kafka
