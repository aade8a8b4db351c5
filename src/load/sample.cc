#include "load/sample.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "event/value.h"
#include "load/limits.h"

namespace st::load {
namespace {

using event::Field;
using event::FieldSource;
using event::FieldType;

std::string Encode(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.contains(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string SampleText(const Field& field, os::Random& random) {
  if (!field.pattern.empty()) return SamplePattern(field.pattern, random);
  const auto least = static_cast<std::size_t>(std::max(1.0, std::ceil(field.min.value_or(1))));
  const auto most = static_cast<std::size_t>(std::max(
      static_cast<double>(least),
      std::min(field.max.value_or(kSampleLetters), static_cast<double>(least + kSampleLetters))));
  std::string out;
  const auto size = least + random.Next() % (most - least + 1);
  while (out.size() < size) out += static_cast<char>('a' + random.Next() % 26);
  return out;
}

// As JSON.
std::string SampleValue(const Field& field, os::Random& random) {
  constexpr int kTries = 20;
  if (!field.one_of.empty()) return field.one_of[random.Next() % field.one_of.size()];
  const double least = field.min.value_or(std::min(1.0, field.max.value_or(1)));
  const double most = std::min(field.max.value_or(least + 100), least + 1e9);
  const double share = static_cast<double>(random.Next() % 1'000'001) / 1e6;
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kLong: {
      const double low = std::ceil(least);
      const double steps = std::max(0.0, std::floor(most) - low);
      return std::to_string(static_cast<std::int64_t>(low + std::floor(share * steps)));
    }
    case FieldType::kDouble:
      return event::DoubleJson(least + (std::max(most, least) - least) * share);
    case FieldType::kBoolean:
      return random.Next() % 2 == 0 ? "true" : "false";
    case FieldType::kTimestamp:
      return fmt::format("\"2026-0{}-1{}T0{}:00:00Z\"", 1 + random.Next() % 9, random.Next() % 10,
                         random.Next() % 10);
    case FieldType::kString:
      break;
  }
  std::string json;
  for (int i = 0; i < kTries; ++i) {
    json = nlohmann::json(SampleText(field, random)).dump();
    if (!event::FaultOf(field, json)) break;
  }
  return json;
}

// The text of a JSON scalar, for paths, queries and headers.
std::string TextOf(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  return value.is_string() ? value.get<std::string>() : json;
}

std::string TargetOf(const std::string& path, const nlohmann::json& variables) {
  std::string out;
  for (const auto segment : Split(path.substr(1), '/')) {
    out += '/';
    const bool is_variable = segment.starts_with('{') && segment.ends_with('}');
    const auto name = is_variable ? std::string(segment.substr(1, segment.size() - 2)) : "";
    out += is_variable ? Encode(variables.value(name, "x")) : Encode(segment);
  }
  return out;
}

}  // namespace

net::ClientRequest Sample(const event::Declaration& declaration, os::Random& random) {
  net::ClientRequest request;
  request.method = declaration.methods[random.Next() % declaration.methods.size()];
  auto variables = nlohmann::json::object();
  auto body = nlohmann::ordered_json::object();
  std::string query;
  bool has_body = false;
  for (const auto& field : declaration.fields) {
    const bool is_body = field.from == FieldSource::kBody;
    has_body = has_body || is_body;
    const bool is_sent = field.from == FieldSource::kPath || is_body ||
                         field.from == FieldSource::kQuery || field.from == FieldSource::kHeader;
    if (!is_sent) continue;
    const bool may_lack = !field.is_required && field.from != FieldSource::kPath;
    if (may_lack && random.Next() % 2 == 0) continue;
    const auto json = SampleValue(field, random);
    const auto& name = field.source_name.empty() ? field.name : field.source_name;
    if (field.from == FieldSource::kPath) {
      variables[name] = TextOf(json);
    } else if (is_body) {
      body[name] = nlohmann::ordered_json::parse(json, nullptr, false);
    } else if (field.from == FieldSource::kQuery) {
      query += (query.empty() ? "?" : "&") + Encode(name) + "=" + Encode(TextOf(json));
    } else if (!EqualsIgnoreCase(name, "Host")) {
      request.headers.emplace_back(name, TextOf(json));
    }
  }
  request.target = TargetOf(declaration.path, variables) + query;
  if (has_body && request.method != "GET") {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }
  return request;
}

}  // namespace st::load
