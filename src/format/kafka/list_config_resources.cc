#include "format/kafka/list_config_resources.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<std::int8_t>> DecodeListConfigResources(const RequestHeader& request) {
  Reader in = ReaderOf(request, kListConfigResourcesApi);
  std::vector<std::int8_t> types;
  if (request.version == 0) {
    types.push_back(kClientMetricsResource);
  } else {
    for (auto n = in.ArrayLength(kMaxRequestGroups); in.ok() && n > 0; --n) {
      types.push_back(in.Int<std::int8_t>());
    }
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return types;
}

std::string EncodeListConfigResources(const RequestHeader& request, ErrorCode error,
                                      const std::vector<ConfigResource>& resources) {
  Writer out = AnswerTo(request, kListConfigResourcesApi);
  out.Int(std::int32_t{0}).Int(Code(error)).ArrayLength(resources);
  for (const auto& resource : resources) {
    out.String(resource.name);
    if (request.version >= 1) out.Int(resource.type);
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
