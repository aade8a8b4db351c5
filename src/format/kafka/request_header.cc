#include "format/kafka/request_header.h"

#include "format/kafka/api.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<RequestHeader> DecodeHeader(std::string_view frame) {
  Reader in(frame);
  RequestHeader header;
  header.key = in.Int<std::int16_t>();
  header.version = in.Int<std::int16_t>();
  header.correlation_id = in.Int<std::int32_t>();
  header.client_id = in.String();
  if (!in.ok()) return std::nullopt;
  header.body = in.left();
  return header;
}

bool IsProduce(std::string_view frame) {
  Reader in(frame);
  const auto key = in.Int<std::int16_t>();
  return in.ok() && key == static_cast<std::int16_t>(ApiKey::kProduce);
}

}  // namespace st::kafka
