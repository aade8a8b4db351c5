#include "client/load/sample.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "client/load/limits.h"
#include "client/load/sample_pattern.h"
#include "event/python_json.h"
#include "event/value.h"

namespace st::client::load {
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

// The nearest whole number that `bound` allows as a least one, within 64 bits.
std::int64_t LeastWhole(const event::Bound& bound) {
  if (const auto* whole = std::get_if<std::int64_t>(&bound)) return *whole;
  constexpr double kMost = 9e18;
  return static_cast<std::int64_t>(std::clamp(std::ceil(std::get<double>(bound)), -kMost, kMost));
}

std::int64_t MostWhole(const event::Bound& bound) {
  if (const auto* whole = std::get_if<std::int64_t>(&bound)) return *whole;
  constexpr double kMost = 9e18;
  return static_cast<std::int64_t>(std::clamp(std::floor(std::get<double>(bound)), -kMost, kMost));
}

double Real(const event::Bound& bound) {
  return std::visit([](auto at) { return static_cast<double>(at); }, bound);
}

// From the least, or near the greatest, value that is allowed.
std::int64_t SampleWhole(const Field& field, os::Random& random) {
  constexpr std::uint64_t kMostSteps = 1'000'000'000;
  const std::int64_t low = field.min   ? LeastWhole(*field.min)
                           : field.max ? std::min<std::int64_t>(1, MostWhole(*field.max))
                                       : 1;
  std::uint64_t steps = 100;
  if (field.max) {
    const std::int64_t high = std::max(low, MostWhole(*field.max));
    steps = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  }
  const std::uint64_t step = random.Next() % (std::min(steps, kMostSteps) + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + step);
}

double SampleDouble(const Field& field, os::Random& random) {
  const double least = field.min   ? Real(*field.min)
                       : field.max ? std::min(1.0, Real(*field.max))
                                   : 1;
  const double most =
      std::max(least, field.max ? std::min(Real(*field.max), least + 1e9) : least + 100);
  return least + (most - least) * (static_cast<double>(random.Next() % 1'000'001) / 1e6);
}

std::string SampleText(const Field& field, os::Random& random) {
  if (!field.pattern.empty()) return SamplePattern(field.pattern, random);
  constexpr std::int64_t kLongest = 1'000'000;
  const auto least = std::clamp<std::int64_t>(field.min ? LeastWhole(*field.min) : 1, 1, kLongest);
  constexpr auto kLetters = static_cast<std::int64_t>(kSampleLetters);
  const auto most = std::clamp<std::int64_t>(field.max ? MostWhole(*field.max) : kLetters, least,
                                             least + kLetters);
  std::string out;
  const auto size = static_cast<std::uint64_t>(least) +
                    random.Next() % static_cast<std::uint64_t>(most - least + 1);
  while (out.size() < size) out += static_cast<char>('a' + random.Next() % 26);
  return out;
}

// As JSON.
std::string SampleValue(const Field& field, os::Random& random) {
  constexpr int kTries = 20;
  if (!field.one_of.empty()) return field.one_of[random.Next() % field.one_of.size()];
  switch (field.type) {
    case FieldType::kInt:
    case FieldType::kLong:
      return std::to_string(SampleWhole(field, random));
    case FieldType::kDouble:
      return event::DoubleJson(SampleDouble(field, random));
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

}  // namespace st::client::load
