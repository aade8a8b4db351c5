#include "format/kafka/heartbeat.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<HeartbeatRequest> DecodeHeartbeat(const RequestHeader& request) {
  Reader in = ReaderOf(request, kHeartbeatApi);
  HeartbeatRequest heartbeat{.group = in.String()};
  heartbeat.generation = in.Int<std::int32_t>();
  heartbeat.member = in.String();
  if (request.version >= 3) heartbeat.instance = in.NullableString();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return heartbeat;
}

std::string EncodeHeartbeat(const RequestHeader& request, ErrorCode error) {
  Writer out = AnswerTo(request, kHeartbeatApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  return out.Int(Code(error)).Tags().Take();
}

}  // namespace st::kafka
