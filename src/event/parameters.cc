#include "event/parameters.h"

#include <fmt/format.h>

#include "base/percent.h"
#include "base/text.h"
#include "event/json_check.h"
#include "event/limits.h"

namespace st::event {
namespace {

std::optional<std::string> FormDecode(std::string_view text) {
  auto out = PercentDecode(text, {.plus_is_space = true});
  if (out && !IsUtf8(*out)) return std::nullopt;
  return out;
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
  text = WithoutByteOrderMark(text);
  if (!IsUtf8(text)) return std::unexpected("it is no JSON: it is not UTF-8");
  JsonCheck json(kMaxJsonDepth, JsonCheck::Members::kKeepUnique);
  if (!json.Check(text)) return std::unexpected("it is no JSON: " + json.Reason());
  if (const auto twice = json.repeated_name()) {
    return std::unexpected(fmt::format("\"{}\" stands in one object more than once", *twice));
  }
  if (!json.is_object()) return std::unexpected("it is no JSON object");
  if (json.members().size() > kMaxParameters) {
    return std::unexpected(fmt::format("it has more than {} members", kMaxParameters));
  }
  Parameters out;
  for (const auto& [name, value] : json.members()) out.emplace_back(name, value);
  return out;
}

}  // namespace st::event
