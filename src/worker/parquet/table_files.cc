#include "worker/parquet/table_files.h"

#include <fmt/format.h>

#include "base/column_type.h"
#include "sql/database.h"

namespace st::worker::parquet {
namespace {

using sql::QuoteName;
using sql::QuoteText;

// Appends to a list with commas.
void AddTo(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

}  // namespace

std::optional<std::string> DuckTypeOfIceberg(std::string_view type) {
  if (type.starts_with("fixed[")) return DuckDbName({.kind = TypeKind::kBinary});
  const auto primitive = ColumnTypeFromIceberg(type);
  if (!primitive) return std::nullopt;
  return DuckDbName(*primitive);
}

std::string SelectOfFiles(const std::vector<jobs::TableColumn>& columns,
                          const std::vector<std::string>& files) {
  std::string names;
  std::string schema;
  std::string nulls;
  for (const auto& column : columns) {
    const auto type = DuckTypeOfIceberg(column.type);
    if (!type) continue;
    AddTo(names, QuoteName(column.name));
    AddTo(schema, fmt::format("{}: {{name: {}, type: {}, default_value: NULL}}", column.id,
                              QuoteText(column.name), QuoteText(*type)));
    AddTo(nulls, fmt::format("CAST(NULL AS {}) AS {}", *type, QuoteName(column.name)));
  }
  if (names.empty()) return "SELECT NULL AS nothing WHERE false";
  if (files.empty()) return fmt::format("SELECT {} WHERE false", nulls);
  std::string list;
  for (const auto& file : files) AddTo(list, QuoteText(file));
  return fmt::format("SELECT {} FROM read_parquet([{}], schema = MAP {{{}}})", names, list, schema);
}

}  // namespace st::worker::parquet
