#include "format/kafka/init_producer_id.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<InitProducerIdRequest> DecodeInitProducerId(const RequestHeader& request) {
  Reader in(request.body);
  InitProducerIdRequest init{.transactional_id = in.NullableString()};
  in.Int<std::int32_t>();  // transaction timeout
  if (!in.ok()) return std::nullopt;
  return init;
}

std::string EncodeInitProducerId(const RequestHeader& request, ErrorCode error,
                                 std::int64_t producer_id) {
  Writer out = AnswerTo(request);
  const bool ok = error == ErrorCode::kNone;
  out.Int(std::int32_t{0}).Int(Code(error)).Int(producer_id);
  out.Int(static_cast<std::int16_t>(ok ? 0 : -1));
  return out.Take();
}

}  // namespace st::kafka
