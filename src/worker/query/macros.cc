#include "worker/query/macros.h"

#include <algorithm>

#include "base/text.h"

namespace st::worker::query {
namespace {

constexpr std::string_view kBegin = "CREATE MACRO ";
constexpr std::string_view kEnd = ";\n";

// The statements of macros.sql, without the comments between them.
std::vector<std::string_view> ReadStatements(std::string_view text) {
  std::vector<std::string_view> statements;
  for (auto begin = text.find(kBegin); begin != text.npos; begin = text.find(kBegin, begin)) {
    const auto end = text.find(kEnd, begin);
    statements.push_back(text.substr(begin, end - begin));
    begin = std::min(end, text.size());
  }
  return statements;
}

std::string_view MacroName(std::string_view statement) {
  statement.remove_prefix(kBegin.size());
  return Trim(statement.substr(0, statement.find('(')));
}

}  // namespace

std::vector<std::string_view> MacrosFor(const std::set<std::string>& names) {
  static const std::vector<std::string_view> all = ReadStatements(MacroText());
  std::vector<std::string_view> macros;
  // A macro can be used by later ones only.
  for (auto macro = all.rbegin(); macro != all.rend(); ++macro) {
    const std::string_view name = MacroName(*macro);
    const bool is_used =
        std::ranges::any_of(macros, [&](std::string_view other) { return other.contains(name); });
    if (names.contains(std::string(name)) || (name.starts_with("st_") && is_used)) {
      macros.push_back(*macro);
    }
  }
  std::ranges::reverse(macros);
  return macros;
}

}  // namespace st::worker::query
