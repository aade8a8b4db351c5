#include "app/operations.h"

#include <fmt/ranges.h>

#include <ranges>

#include "app/runner_setup.h"

namespace st::app {

Operations::Operations(const Parts& parts) : parts_(parts) {
  pipeline_verbs_["run"] = {.arguments = {},
                            .act = [this](const auto& name, const auto&) { return Run(name); }};
}

Result<nlohmann::json> Operations::Act(std::string_view kind, const Verbs& verbs,
                                       const std::string& verb, const std::string& name,
                                       const nlohmann::json& arguments) {
  const auto found = verbs.find(verb);
  if (found == verbs.end()) {
    return Fail(
        ErrorCode::kNotFound, "{} have no verb \"{}\"; they have: {}", kind, verb,
        verbs.empty() ? "none" : fmt::format("{}", fmt::join(std::views::keys(verbs), ", ")));
  }
  for (const auto& [key, value] : arguments.items()) {
    if (found->second.arguments.contains(key)) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} takes no argument \"{}\"; it takes: {}", verb, key,
                found->second.arguments.empty()
                    ? "none"
                    : fmt::format("{}", fmt::join(found->second.arguments, ", ")));
  }
  return found->second.act(name, arguments);
}

Result<nlohmann::json> Operations::Run(const std::string& name) const {
  auto run = RunPipeline(parts_.runner, parts_.stores.env().clock, name);
  if (run || run.error().code() != ErrorCode::kNotFound) return run;
  const auto served = parts_.serving.now();
  const auto* event = served->FindEvent(name);
  if (event == nullptr || event->table.empty()) return run;
  return Fail(ErrorCode::kNotFound,
              "\"{}\" is an event, and a pipeline has the name of its table: `steelthread pipeline "
              "run {}`",
              name, event->table);
}

}  // namespace st::app
