#include "event/parameters.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/text.h"
#include "event/limits.h"

namespace st::event {
namespace {

std::optional<std::string> FormDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto byte = HexDecode(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      out += *byte;
      i += 2;
    }
  }
  if (!IsUtf8(out)) return std::nullopt;
  return out;
}

// Brackets outside of strings; nlohmann's own writer would recurse as deep.
bool IsTooDeep(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<Parameters> ParseForm(std::string_view text) {
  Parameters out;
  if (text.empty()) return out;
  for (const auto part : Split(text, '&')) {
    if (part.empty()) continue;
    if (out.size() == kMaxParameters) return std::nullopt;
    const auto equals = part.find('=');
    auto name = FormDecode(part.substr(0, equals));
    auto value =
        FormDecode(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::expected<Parameters, std::string> ParseJsonObject(std::string_view text) {
  if (IsTooDeep(text)) {
    return std::unexpected(fmt::format("it is nested deeper than {} levels", kMaxJsonDepth));
  }
  // RFC 8259 leaves open which of two members of a name counts.
  std::vector<std::set<std::string>> names;  // of the objects around
  std::string twice;
  const auto see = [&](int, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key) {
      auto name = parsed.get<std::string>();
      if (!names.back().insert(name).second && twice.empty()) twice = std::move(name);
    }
    return true;
  };
  const auto json = nlohmann::json::parse(text, see, false);
  if (json.is_discarded()) return std::unexpected("it is no JSON");
  if (!twice.empty()) {
    return std::unexpected(fmt::format("\"{}\" stands in one object more than once", twice));
  }
  if (!json.is_object()) return std::unexpected("it is no JSON object");
  if (json.size() > kMaxParameters) {
    return std::unexpected(fmt::format("it has more than {} members", kMaxParameters));
  }
  Parameters out;
  for (const auto& [name, value] : json.items()) out.emplace_back(name, value.dump());
  return out;
}

}  // namespace st::event
