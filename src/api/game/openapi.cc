#include "api/game/openapi.h"

#include <nlohmann/json.hpp>

#include "api/game/operations.h"
#include "api/game/trade_body.h"
#include "event/openapi.h"

namespace st::api {
namespace {

using Json = nlohmann::ordered_json;

Json Answers(const Operation& operation) {
  Json out = Json::object();
  const Json position = {{"description", "where the state stands: topic/partition:offset"},
                         {"schema", {{"type", "string"}}}};
  const auto problem = [](const std::string& description) {
    return Json{{"description", description},
                {"content", {{"application/problem+json", Json::object()}}}};
  };
  for (const auto& [status, meaning] : operation.answers) {
    if (status >= 400) {
      out[std::to_string(status)] = problem(meaning);
      continue;
    }
    const char* type = operation.is_alias ? "text/html" : "application/json";
    Json answer = {{"description", meaning}, {"headers", {{"Steelthread-Position", position}}}};
    if (status == 201) answer["headers"]["Location"] = {{"schema", {{"type", "string"}}}};
    answer["content"] = {{type, Json::object()}};
    out[std::to_string(status)] = std::move(answer);
  }
  out["400"] = problem("a parameter is wrong; nothing was stored");
  if (!operation.is_read()) {
    out["415"] = problem("the body is of a media type that the route does not take");
    out["500"] = problem("not stored, or whether it was is unknown: its code says which");
  }
  out["503"] = problem("nothing was stored; try again later");
  return out;
}

Json KeyParameter() {
  return {{"name", "Idempotency-Key"},
          {"in", "header"},
          {"required", false},
          {"description", "the same key gives the same answer, and acts once"},
          {"schema", {{"type", "string"}, {"maxLength", 255}}}};
}

}  // namespace

std::string OpenApiOf(const Operation& operation) {
  const auto& declaration = operation.declaration;
  Json one = Json::parse(event::OpenApiOperation(declaration, declaration.methods.front()));
  if (!operation.is_read()) one["parameters"].push_back(KeyParameter());
  if (std::holds_alternative<MakeTrade>(operation.make)) {
    one["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", Json::parse(TradeSchema())}}}}}};
  }
  one["responses"] = Answers(operation);
  return one.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace st::api
