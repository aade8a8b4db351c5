#include "format/kafka/alter_configs.h"

#include <algorithm>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

bool IsIncremental(const RequestHeader& request) {
  return request.key == static_cast<std::int16_t>(ApiKey::kIncrementalAlterConfigs);
}

const ApiRange& RangeOf(const RequestHeader& request) {
  return IsIncremental(request) ? kIncrementalAlterConfigsApi : kAlterConfigsApi;
}

}  // namespace

std::optional<AlterConfigsRequest> DecodeAlterConfigs(const RequestHeader& request) {
  Reader in = ReaderOf(request, RangeOf(request));
  AlterConfigsRequest alter{.resources = {}, .is_incremental = IsIncremental(request)};
  std::int32_t left = kMaxRequestSettings;
  for (auto n = in.ArrayLength(kMaxRequestTopics); in.ok() && n > 0; --n) {
    auto& resource = alter.resources.emplace_back();
    resource.type = in.Int<std::int8_t>();
    resource.name = in.String();
    const auto settings = in.ArrayLength(left);
    left -= std::max(settings, 0);
    for (auto m = settings; in.ok() && m > 0; --m) {
      auto& setting = resource.settings.emplace_back();
      setting.name = in.String();
      if (alter.is_incremental) setting.operation = SettingOperation{in.Int<std::int8_t>()};
      setting.value = in.NullableString();
      in.Tags();
    }
    in.Tags();
  }
  alter.validate_only = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return alter;
}

std::string EncodeAlterConfigs(const RequestHeader& request,
                               const std::vector<AlteredResource>& resources) {
  Writer out = AnswerTo(request, RangeOf(request));
  out.Int(std::int32_t{0}).ArrayLength(resources);  // throttle, then the results
  for (const auto& resource : resources) {
    out.Int(Code(resource.error)).NullableString(OrNull(resource.message));
    out.Int(resource.type).String(resource.name).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
