#include "lake/names.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "lake/limits.h"

namespace st::lake {

const std::vector<std::string>& SchemaNames() {
  static const std::vector<std::string> names = {"bad", "default"};
  return names;
}

Status CheckName(const TableName& name) {
  if (std::ranges::find(SchemaNames(), name.schema) == SchemaNames().end()) {
    return Fail(ErrorCode::kInvalidArgument, "there is no schema \"{}\"; tables are in {}",
                name.schema, fmt::join(SchemaNames(), " and "));
  }
  const bool is_good =
      !name.name.empty() && name.name.size() <= kMaxNameBytes && ConsistsOf(name.name, "_-");
  if (is_good) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "\"{}\" is no name for a table: take 1 to {} letters, digits, _ and -", name.name,
              kMaxNameBytes);
}

std::string FullName(const TableName& name) { return fmt::format("{}.{}", name.schema, name.name); }

Result<TableName> FindTable(const std::vector<TableName>& tables, const std::string& name) {
  const auto full = name.contains('.') ? name : "default." + name;
  const auto dot = full.find('.');
  const auto schema = full.substr(0, dot);
  std::vector<std::string> near;  // the tables of that schema: its name says nothing of theirs
  for (const auto& one : tables) {
    if (EqualsIgnoreCase(FullName(one), full)) return one;
    if (EqualsIgnoreCase(one.schema, schema)) near.push_back(one.name);
  }
  const auto nearest = NearestName(full.substr(dot + 1), near);
  return Fail(ErrorCode::kNotFound, "no table \"{}\"{}", name,
              nearest ? fmt::format("; did you mean \"{}.{}\"?", AsciiLower(schema), *nearest)
              : tables.empty() ? "; there is none: pipelines make them"
                               : "; `steelthread table ls` lists them");
}

}  // namespace st::lake
