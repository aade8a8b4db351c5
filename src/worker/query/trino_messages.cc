#include "worker/query/trino_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace st::worker::query {
namespace {

// The text between two parts of a message, or up to its end if `after` is "".
std::optional<std::string_view> Between(std::string_view message, std::string_view before,
                                        std::string_view after) {
  const auto begin = message.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  message.remove_prefix(begin + before.size());
  if (after.empty()) return message;
  const auto end = message.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  return message.substr(0, end);
}

std::string Unquoted(std::string_view text) {
  const bool is_quoted =
      text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0];
  return std::string(is_quoted ? text.substr(1, text.size() - 2) : text);
}

std::string_view WithoutSource(std::string_view type) {
  return type.substr(0, type.find(" when casting"));
}

// Rewrites "upper(INTEGER_LITERAL)" and "+(VARCHAR, INTEGER_LITERAL)" as Trino's message.
std::string WrongCall(std::string_view call) {
  const auto bracket = call.find('(');
  if (bracket == std::string_view::npos || !call.ends_with(')')) return std::string(call);
  const auto name = call.substr(0, bracket);
  auto rest = call.substr(bracket + 1, call.size() - bracket - 2);
  std::string types;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(", "), rest.size());
    types += (types.empty() ? "" : ", ") + TypeInOurWords(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 2, rest.size()));
  }
  if (!name.empty() && std::string_view("+-*/%|&<>=!~^").contains(name[0])) {
    return fmt::format("'{}' cannot be applied to {}", name, types);
  }
  return fmt::format("Unexpected parameters ({}) for function {}", types, AsciiLower(name));
}

std::optional<std::string> Cast(std::string_view message) {
  for (const std::string_view quote : {"'", "\""}) {
    const std::string middle = fmt::format("{} to ", quote);
    const auto value = Between(message, fmt::format("Could not convert string {}", quote), middle);
    const auto type = Between(message, middle, "");
    if (!value || !type) continue;
    return fmt::format("Cannot cast '{}' to {}", *value, TypeInOurWords(WithoutSource(*type)));
  }
  for (const std::string_view type : {"date", "timestamp", "time"}) {
    for (const std::string_view what : {" field format: \"", " field value out of range: \""}) {
      const auto value = Between(message, fmt::format("{}{}", type, what), "\"");
      if (value) return fmt::format("Value cannot be cast to {}: {}", type, *value);
    }
  }
  const auto value = Between(message, " with value ", " can't be cast");
  if (!value) return std::nullopt;
  if (const auto type = Between(message, "out of range for the destination type ", "")) {
    return fmt::format("Out of range for {}: {}", TypeInOurWords(WithoutSource(*type)), *value);
  }
  const auto type = Between(message, "to the destination type ", "");
  if (!type) return std::nullopt;
  return fmt::format("Cannot cast '{}' to {}", Unquoted(*value),
                     TypeInOurWords(WithoutSource(*type)));
}

// Rewrites "Overflow in addition of INT32 (2147483647 + 1)!" as Trino's message.
std::optional<std::string> Overflow(std::string_view message) {
  const auto what = Between(message, "Overflow in ", " of ");
  const auto type = Between(message, " of ", " (");
  const auto values = Between(message, " (", ")");
  if (!what || !type || !values) return std::nullopt;
  return fmt::format("{} {} overflow: {}", TypeInOurWords(*type), *what, *values);
}

struct Fixed {
  std::string_view part;
  std::string_view words;
};
constexpr auto kFixed = std::to_array<Fixed>({
    {"More than one row returned by a subquery", "Scalar sub-query has returned multiple rows"},
    {"Set operations can only apply to expressions with the same number",
     "the queries of a UNION, INTERSECT or EXCEPT have different numbers of columns"},
    {"aggregate function calls cannot be nested", "Aggregations cannot be nested"},
});

}  // namespace

std::string TypeInOurWords(std::string_view name) {
  if (name.ends_with("[]")) {
    return fmt::format("array({})", TypeInOurWords(name.substr(0, name.size() - 2)));
  }
  constexpr auto kTypes =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"INT8", "tinyint"},
                                                                    {"INT16", "smallint"},
                                                                    {"INT32", "integer"},
                                                                    {"INT64", "bigint"},
                                                                    {"INT128", "decimal(38,0)"},
                                                                    {"HUGEINT", "decimal(38,0)"},
                                                                    {"INTEGER_LITERAL", "integer"},
                                                                    {"STRING_LITERAL", "varchar"},
                                                                    {"BOOL", "boolean"},
                                                                    {"FLOAT", "real"},
                                                                    {"BLOB", "varbinary"}});
  const auto* const known =
      std::ranges::find(kTypes, name, &std::pair<std::string_view, std::string_view>::first);
  return known != kTypes.end() ? std::string(known->second) : AsciiLower(name);
}

std::string InOurWords(std::string_view message) {
  for (const auto& [part, words] : kFixed) {
    if (message.contains(part)) return std::string(words);
  }
  if (const auto own = Between(message, "Input: \"! ", "")) {  // of macro st_fail
    return std::string(own->substr(0, own->rfind('"')));
  }
  if (const auto call = Between(message, "given name and argument types '", "'")) {
    return WrongCall(*call);
  }
  if (auto cast = Cast(message)) return std::move(*cast);
  if (auto overflow = Overflow(message)) return std::move(*overflow);
  if (const auto column = Between(message, "column \"", "\" must appear in the GROUP BY")) {
    return fmt::format("'{}' must be an aggregate expression or appear in GROUP BY clause",
                       *column);
  }
  if (const auto name = Between(message, "Function with name ", " does not exist")) {
    return fmt::format("Function '{}' not registered", Unquoted(*name));
  }
  if (const auto field = Between(message, "extract specifier \"", "\" not recognized")) {
    return fmt::format("'{}' is not a valid field of a date or time", *field);
  }
  while (message.ends_with('!')) message.remove_suffix(1);
  return std::string(message);
}

}  // namespace st::worker::query
