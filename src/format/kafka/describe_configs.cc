#include "format/kafka/describe_configs.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<DescribeConfigsRequest> DecodeDescribeConfigs(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeConfigsApi);
  DescribeConfigsRequest describe;
  auto& resources = describe.resources;
  std::unordered_map<std::int8_t, std::unordered_set<std::string_view>> seen;  // by type
  std::int32_t left = kMaxRequestSettings;
  for (auto n = in.ArrayLength(kMaxRequestNames); in.ok() && n > 0; --n) {
    DescribedResource resource{.type = in.Int<std::int8_t>(), .name = in.String()};
    const auto keys = in.ArrayLength(left);
    left -= std::max(keys, 0);
    if (keys >= 0) resource.wanted.emplace();
    for (auto m = keys; in.ok() && m > 0; --m) resource.wanted->push_back(in.String());
    in.Tags();
    if (!seen[resource.type].insert(resource.name).second) continue;
    resources.push_back(std::move(resource));
    if (resources.size() > kMaxRequestTopics) in.Break();
  }
  if (request.version >= 1) describe.with_synonyms = in.Bool();
  if (request.version >= 3) describe.with_documentation = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return describe;
}

namespace {

// `answer` says what is told of the setting.
void WriteSetting(Writer& out, const DescribedSetting& setting, std::int16_t version,
                  const DescribeConfigsRequest& answer) {
  out.String(setting.name);
  out.NullableString(setting.is_null ? std::nullopt
                                     : std::optional<std::string_view>(setting.value));
  out.Bool(setting.is_read_only);
  if (version == 0) {
    out.Bool(setting.source == SettingSource::kDefault).Bool(setting.is_sensitive);
    return;
  }
  out.Int(static_cast<std::int8_t>(setting.source)).Bool(setting.is_sensitive);
  out.ArrayLength(answer.with_synonyms ? setting.synonyms : decltype(setting.synonyms)());
  if (answer.with_synonyms) {
    for (const auto& synonym : setting.synonyms) {
      out.String(synonym.name).String(synonym.value);
      out.Int(static_cast<std::int8_t>(synonym.source)).Tags();
    }
  }
  if (version >= 3) {
    out.Int(static_cast<std::int8_t>(setting.type));
    const auto& text = setting.documentation;
    out.NullableString(answer.with_documentation && text ? std::optional<std::string_view>(*text)
                                                         : std::nullopt);
  }
  out.Tags();
}

}  // namespace

std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const DescribeConfigsRequest& answer) {
  Writer out = AnswerTo(request, kDescribeConfigsApi);
  out.Int(std::int32_t{0}).ArrayLength(answer.resources);
  for (const auto& resource : answer.resources) {
    // As Kafka does: a text also where there is no error.
    out.Int(Code(resource.error)).String(OrNull(resource.message).value_or(""));
    out.Int(resource.type).String(resource.name).ArrayLength(resource.settings);
    for (const auto& setting : resource.settings) {
      WriteSetting(out, setting, request.version, answer);
    }
    out.Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
