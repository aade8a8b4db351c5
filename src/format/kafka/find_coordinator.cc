#include "format/kafka/find_coordinator.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::string EncodeFindCoordinator(const RequestHeader& request, ErrorCode error,
                                  std::string_view message) {
  Writer out = AnswerTo(request);
  if (request.version >= 1) out.Int(std::int32_t{0});
  out.Int(Code(error));
  if (request.version >= 1) out.NullableString(message);
  out.Int(std::int32_t{-1}).String("").Int(std::int32_t{-1});
  return out.Take();
}

}  // namespace st::kafka
