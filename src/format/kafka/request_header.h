// The header in front of every request, and the frame as one can tell it from the outside.
//
// Source: Kafka protocol guide, "Request Header v1".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace st::kafka {

struct RequestHeader {
  std::int16_t key = 0;
  std::int16_t version = 0;
  std::int32_t correlation_id = 0;
  std::string_view client_id;
  std::string_view body;  // the bytes after the header
};
std::optional<RequestHeader> DecodeHeader(std::string_view frame);
// Whether a frame is a produce request, after which its client may send others before the answer;
// false also for a frame that is too short.
bool IsProduce(std::string_view frame);

}  // namespace st::kafka
