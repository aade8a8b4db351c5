#include "worker/parquet/struct_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/database.h"

namespace st::worker::parquet {
namespace {

bool IsSame(const NestedType& from, const NestedType& to) {
  return WithoutIds(from) == WithoutIds(to);
}

// `depth` makes the names of variables differ in each lambda.
std::string Convert(const std::string& value, const NestedType& from, const NestedType& to,
                    int depth) {
  if (IsSame(from, to)) return value;
  const auto item = fmt::format("x{}", depth);
  switch (from.shape) {
    case TypeShape::kPrimitive:
      return value;
    case TypeShape::kList:
      return fmt::format("list_transform({}, lambda {}: {})", value, item,
                         Convert(item, from.fields[0].type, to.fields[0].type, depth + 1));
    case TypeShape::kMap: {
      const auto part = [&](std::size_t i, const char* name) {
        return Convert(fmt::format("{}.{}", item, name), from.fields[i].type, to.fields[i].type,
                       depth + 1);
      };
      return fmt::format(
          "map_from_entries(list_transform(map_entries({}), lambda {}: "
          "struct_pack(\"key\" := {}, \"value\" := {})))",
          value, item, part(0, "key"), part(1, "value"));
    }
    case TypeShape::kStruct:
      break;
  }
  std::string members;
  for (std::size_t i = 0; i < from.fields.size(); ++i) {
    const auto member =
        fmt::format("struct_extract({}, {})", value, sql::QuoteText(from.fields[i].name));
    members += fmt::format("{}{} := {}", i == 0 ? "" : ", ", sql::QuoteName(to.fields[i].name),
                           Convert(member, from.fields[i].type, to.fields[i].type, depth));
  }
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE struct_pack({}) END", value, members);
}

}  // namespace

NestedType TypeOf(const jobs::TableColumn& column) {
  auto type = ParseType(column.type);
  return type ? std::move(*type) : PrimitiveType(column.type);
}

bool HasFileNames(const NestedType& type) {
  return std::ranges::any_of(type.fields, [](const NestedField& field) {
    return !field.file_name.empty() || HasFileNames(field.type);
  });
}

std::string WithNamesOf(const std::string& value, const NestedType& from, const NestedType& to) {
  return Convert(value, from, to, 0);
}

std::string SelectForFile(const std::string& select,
                          const std::vector<jobs::TableColumn>& columns) {
  std::string replaced;
  for (const auto& column : columns) {
    const auto type = TypeOf(column);
    if (!HasFileNames(type)) continue;
    const auto name = sql::QuoteName(column.name);
    replaced += fmt::format("{}{} AS {}", replaced.empty() ? "" : ", ",
                            WithNamesOf(name, WithoutFileNames(type), AsInFiles(type)), name);
  }
  if (replaced.empty()) return select;
  // A comment may end the SELECT, so the bracket stands on a new line.
  return fmt::format("SELECT * REPLACE ({}) FROM ({}\n)", replaced, select);
}

}  // namespace st::worker::parquet
