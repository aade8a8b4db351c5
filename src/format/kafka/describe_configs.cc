#include "format/kafka/describe_configs.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<DescribedResource>> DecodeDescribeConfigs(const RequestHeader& request) {
  Reader in(request.body);
  std::vector<DescribedResource> resources;
  std::unordered_map<std::int8_t, std::unordered_set<std::string_view>> seen;  // by type
  std::int32_t left = kMaxRequestSettings;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    DescribedResource resource{.type = in.Int<std::int8_t>(), .name = in.String()};
    const auto keys = in.ArrayLength(left);
    left -= std::max(keys, 0);
    if (keys >= 0) resource.wanted.emplace();
    for (auto m = keys; in.ok() && m > 0; --m) resource.wanted->push_back(in.String());
    if (!seen[resource.type].insert(resource.name).second) continue;
    resources.push_back(std::move(resource));
    if (resources.size() > kMaxRequestTopics) in.Break();
  }
  if (request.version >= 1) in.Bool();  // synonyms: there are none
  if (request.version >= 3) in.Bool();  // documentation: there is none
  if (!in.ok()) return std::nullopt;
  return resources;
}

std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const std::vector<DescribedResource>& resources) {
  constexpr std::int8_t kDefaultSource = 5;
  constexpr std::int8_t kStringType = 2;
  constexpr std::int8_t kLongType = 5;
  Writer out = AnswerTo(request);
  out.Int(std::int32_t{0}).ArrayLength(resources);
  for (const auto& resource : resources) {
    out.Int(Code(resource.error)).NullableString(OrNull(resource.message));
    out.Int(resource.type).String(resource.name).ArrayLength(resource.settings);
    for (const auto& setting : resource.settings) {
      out.String(setting.name).String(setting.value).Bool(true);  // read only
      if (request.version == 0) {
        out.Bool(true).Bool(false);  // default, not secret
        continue;
      }
      out.Int(kDefaultSource).Bool(false).Int(std::int32_t{0});  // not secret, no synonyms
      if (request.version >= 3) {
        out.Int(setting.is_number ? kLongType : kStringType).NullableString(std::nullopt);
      }
    }
  }
  return out.Take();
}

}  // namespace st::kafka
