#include "format/kafka/init_producer_id.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<InitProducerIdRequest> DecodeInitProducerId(const RequestHeader& request) {
  Reader in = ReaderOf(request, kInitProducerIdApi);
  InitProducerIdRequest init{.transactional_id = in.NullableString()};
  in.Int<std::int32_t>();      // transaction timeout
  if (request.version >= 3) {  // id and epoch until now: only a transactional producer keeps its id
    in.Int<std::int64_t>();
    in.Int<std::int16_t>();
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return init;
}

std::string EncodeInitProducerId(const RequestHeader& request, ErrorCode error,
                                 std::int64_t producer_id) {
  Writer out = AnswerTo(request, kInitProducerIdApi);
  const bool ok = error == ErrorCode::kNone;
  out.Int(std::int32_t{0}).Int(Code(error)).Int(producer_id);
  out.Int(static_cast<std::int16_t>(ok ? 0 : -1)).Tags();
  return out.Take();
}

}  // namespace st::kafka
