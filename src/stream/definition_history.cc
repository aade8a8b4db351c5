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

Json ListOf(const lake::View& view) {
  const auto property = view.properties.find(kDefinitionsProperty);
  Json list = Json::array();
  if (property != view.properties.end()) list = Json::parse(property->second, nullptr, false);
  return list.is_array() ? list : Json::array();
}

// Whether no record before `at` was read by the definition.
bool BeginsBehind(const Json& definition, const FlowProgress& at) {
  const auto since = definition.is_object() ? definition.value("since", Json::object()) : Json();
  if (!since.is_object()) return false;
  for (const auto& [id, offsets] : at.topics) {
    const auto of_topic = since.value(id.ToString(), Json::object());
    if (!of_topic.is_object()) return false;
    for (const auto& [partition, next] : offsets) {
      const auto first = of_topic.find(fmt::format("{}", partition));
      if (first == of_topic.end() || !first->is_number_integer()) return false;
      if (first->get<std::int64_t>() < next) return false;
    }
  }
  return true;
}

// The newest definitions that the limits allow.
Json WithoutOldest(Json list) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  while (kept < list.size() && kept < kMaxDefinitionVersions) {
    bytes += list[list.size() - 1 - kept].dump(-1, ' ', false, kReplace).size();
    if (kept > 0 && bytes > kMaxDefinitionsBytes) break;
    ++kept;
  }
  list.erase(list.begin(), list.end() - static_cast<Json::difference_type>(kept));
  return list;
}

}  // namespace

std::string DefinitionText(const dialect::spark::Definition& definition) {
  return DefinitionJson(definition).dump(-1, ' ', false, kReplace);
}

std::optional<std::string> HistoryWith(const dialect::spark::Definition& definition,
                                       const lake::View& view, const FlowProgress& since) {
  Json list = ListOf(view);
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
  return WithoutOldest(std::move(list)).dump(-1, ' ', false, kReplace);
}

std::string HistoryUpTo(const lake::View& view, const FlowProgress& at) {
  Json kept = Json::array();
  for (auto& one : ListOf(view)) {
    if (!BeginsBehind(one, at)) kept.push_back(std::move(one));
  }
  return kept.dump(-1, ' ', false, kReplace);
}

}  // namespace st::stream
