#include "stream/definition_history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "stream/limits.h"

namespace st::stream {
namespace {

using Json = nlohmann::json;

constexpr auto kReplace = Json::error_handler_t::replace;

Json DefinitionJson(const dialect::spark::Definition& definition) {
  if (!definition.identity.empty()) return {{"generated", definition.identity}};
  return {{"select", definition.statement},
          {"format", definition.is_json ? "json" : "raw"},
          {"require", definition.require}};
}

}  // namespace

std::string DefinitionText(const dialect::spark::Definition& definition) {
  return DefinitionJson(definition).dump(-1, ' ', false, kReplace);
}

std::optional<std::string> HistoryWith(const dialect::spark::Definition& definition,
                                       const lake::View& view, const FlowProgress& since) {
  const auto property = view.properties.find(kDefinitionsProperty);
  Json list = Json::array();
  if (property != view.properties.end()) list = Json::parse(property->second, nullptr, false);
  if (!list.is_array()) list = Json::array();
  Json now = DefinitionJson(definition);
  if (!list.empty() && list.back().is_object()) {
    Json before = list.back();
    before.erase("since");
    if (before == now) return std::nullopt;
  }
  now["since"] = Json::object();
  for (const auto& [id, offsets] : since.topics) {
    for (const auto& [partition, next] : offsets) {
      now["since"][id.ToString()][fmt::format("{}", partition)] = next;
    }
  }
  list.push_back(std::move(now));
  if (list.size() > kMaxDefinitionVersions) list.erase(list.begin());
  return list.dump(-1, ' ', false, kReplace);
}

}  // namespace st::stream
