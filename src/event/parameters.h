// Parameters of a query, a form or a JSON body. Pure; total on hostile input.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace st::event {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=x+y%21" (WHATWG URL, application/x-www-form-urlencoded), in order. Nothing when there are
// more than kMaxParameters, a "%" without two hex digits, or bytes that are no UTF-8.
std::optional<Parameters> ParseForm(std::string_view text);

// A JSON object's members: name and the value's JSON, as it stands there. The error says why it
// is refused: no JSON (json_check.h), no object, a name twice, deeper than kMaxJsonDepth, more
// members than kMaxParameters.
std::expected<Parameters, std::string> ParseJsonObject(std::string_view text);

}  // namespace st::event
