#include "format/kafka/find_coordinator.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kFirstBatched = 4;

}  // namespace

std::optional<FindCoordinatorRequest> DecodeFindCoordinator(const RequestHeader& request) {
  Reader in = ReaderOf(request, kFindCoordinatorApi);
  FindCoordinatorRequest find;
  if (request.version < kFirstBatched) find.keys.push_back(in.String());
  if (request.version >= 1) find.type = in.Int<std::int8_t>();
  if (request.version >= kFirstBatched) find.keys = ReadNames(in, kMaxRequestGroups);
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return find;
}

std::string EncodeFindCoordinator(const RequestHeader& request,
                                  const std::vector<FoundCoordinator>& found) {
  Writer out = AnswerTo(request, kFindCoordinatorApi);
  if (request.version >= 1) out.Int(std::int32_t{0});  // throttle
  const auto node = [&](const FoundCoordinator& one) {
    out.Int(one.node).String(one.host).Int(one.port);
  };
  if (request.version < kFirstBatched) {
    const auto& one = found.front();
    out.Int(Code(one.error));
    if (request.version >= 1) out.NullableString(OrNull(one.message));
    node(one);
    return out.Tags().Take();
  }
  out.ArrayLength(found);
  for (const auto& one : found) {
    out.String(one.key);
    node(one);
    out.Int(Code(one.error)).NullableString(OrNull(one.message)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
