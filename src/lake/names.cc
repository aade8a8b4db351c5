#include "lake/names.h"

#include <algorithm>

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
  const bool is_good = !name.name.empty() && name.name.size() <= kMaxNameBytes &&
                       std::ranges::all_of(name.name, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '_' || c == '-';
                       });
  if (is_good) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "\"{}\" is no name for a table: take 1 to {} letters, digits, _ and -", name.name,
              kMaxNameBytes);
}

}  // namespace st::lake
