#include "event/openapi.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace st::event {
namespace {

using Json = nlohmann::ordered_json;

std::string Write(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* SchemaType(FieldType type) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kTimestamp:
      return "string";
    case FieldType::kInt:
    case FieldType::kLong:
      return "integer";
    case FieldType::kDouble:
      return "number";
    case FieldType::kBoolean:
      return "boolean";
  }
  return "string";
}

Json FieldSchema(const Field& field) {
  Json out = {{"type", SchemaType(field.type)}};
  if (field.from == FieldSource::kConstant) {
    out["const"] = Json::parse(*field.value);
    return out;
  }
  if (field.type == FieldType::kTimestamp) out["format"] = "date-time";
  if (field.type == FieldType::kInt) out["format"] = "int32";
  if (field.type == FieldType::kLong) out["format"] = "int64";
  const bool is_text = field.type == FieldType::kString;
  const bool is_whole = is_text || field.type == FieldType::kInt || field.type == FieldType::kLong;
  const auto bound = [is_whole](const Bound& at) {
    const auto* real = std::get_if<double>(&at);
    if (real == nullptr) return Json(std::get<std::int64_t>(at));
    constexpr double kExact = 9007199254740992.0;  // 2^53: a double holds each integer up to it
    const bool is_exact = *real == std::trunc(*real) && std::abs(*real) <= kExact;
    return is_whole && is_exact ? Json(static_cast<std::int64_t>(*real)) : Json(*real);
  };
  if (field.min) out[is_text ? "minLength" : "minimum"] = bound(*field.min);
  if (field.max) out[is_text ? "maxLength" : "maximum"] = bound(*field.max);
  if (!field.pattern.empty()) out["pattern"] = "^(?:" + field.pattern + ")$";
  for (const auto& one : field.one_of) out["enum"].push_back(Json::parse(one));
  if (field.value) out["default"] = Json::parse(*field.value);
  if (!field.description.empty()) out["description"] = field.description;
  if (!field.personal.empty()) out["x-personal"] = field.personal;
  return out;
}

Json PayloadSchema(const Declaration& event) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& field : event.fields) {
    properties[field.name] = FieldSchema(field);
    const bool is_there = field.is_required || field.from == FieldSource::kConstant ||
                          field.from == FieldSource::kServer || field.value.has_value();
    if (is_there) required.push_back(field.name);
  }
  Json out = {{"type", "object"}, {"title", event.name}};
  if (!event.description.empty()) out["description"] = event.description;
  out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

Json Problem(const char* description) {
  return {{"description", description},
          {"content", {{"application/problem+json", Json::object()}}}};
}

const char* ParameterPlace(FieldSource from) {
  switch (from) {
    case FieldSource::kPath:
      return "path";
    case FieldSource::kQuery:
      return "query";
    case FieldSource::kHeader:
      return "header";
    case FieldSource::kConstant:
    case FieldSource::kBody:
    case FieldSource::kServer:
    case FieldSource::kProducer:
      return nullptr;
  }
  return nullptr;
}

Json BodySchema(const Declaration& event) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& field : event.fields) {
    if (field.from != FieldSource::kBody) continue;
    properties[field.source_name] = FieldSchema(field);
    if (field.is_required) required.push_back(field.source_name);
  }
  if (properties.empty()) return nullptr;
  Json out = {{"type", "object"}, {"properties", std::move(properties)}};
  out["additionalProperties"] = false;
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

Json Operation(const Declaration& event, const std::string& method) {
  Json out = {{"operationId", AsciiLower(method) + "_" + event.name},
              {"summary", event.description.empty() ? event.name : event.description}};
  if (!event.reason.empty()) out["description"] = event.reason;
  Json parameters = Json::array();
  for (const auto& field : event.fields) {
    const char* place = ParameterPlace(field.from);
    if (place == nullptr) continue;
    parameters.push_back({{"name", field.source_name},
                          {"in", place},
                          {"required", field.is_required},
                          {"schema", FieldSchema(field)}});
  }
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  const Json body = BodySchema(event);
  if (!body.is_null()) {
    const bool is_required = body.contains("required");
    out["requestBody"] = {{"required", is_required},
                          {"content",
                           {{"application/json", {{"schema", body}}},
                            {"application/x-www-form-urlencoded", {{"schema", body}}}}}};
  }
  const Json position = {{"description", "where the event stands: topic/partition:offset"},
                         {"schema", {{"type", "string"}}}};
  out["responses"] = {{"200",
                       {{"description", "the event is durable"},
                        {"headers", {{"Steelthread-Position", position}}},
                        {"content", {{"text/html", {{"example", event.reply}}}}}}},
                      {"400", Problem("a parameter is wrong; nothing was stored")},
                      {"503", Problem("nothing was stored; try again later")}};
  return out;
}

}  // namespace

std::string JsonSchema(const Declaration& event) {
  if (event.is_text) return "";
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  out.update(PayloadSchema(event));
  return Write(out);
}

std::string OpenApiSchema(const Declaration& event) {
  return event.is_text ? "" : Write(PayloadSchema(event));
}

std::string OpenApiOperation(const Declaration& event, const std::string& method) {
  return Write(Operation(event, method));
}

}  // namespace st::event
