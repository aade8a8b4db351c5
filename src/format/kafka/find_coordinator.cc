#include "format/kafka/find_coordinator.h"

#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<FindCoordinatorRequest> DecodeFindCoordinator(const RequestHeader& request) {
  constexpr std::int8_t kTransactions = 1;
  Reader in(request.body);
  FindCoordinatorRequest find{.key = in.String()};
  if (request.version >= 1) find.is_of_transactions = in.Int<std::int8_t>() == kTransactions;
  if (!in.ok()) return std::nullopt;
  return find;
}

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
