#include "worker/parquet/table_files.h"

#include <fmt/format.h>

#include "sql/database.h"
#include "worker/parquet/struct_names.h"

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

std::string SelectOfFiles(const std::vector<jobs::TableColumn>& columns,
                          const std::vector<std::string>& files) {
  std::string names;
  std::string schema;
  std::string nulls;
  for (const auto& column : columns) {
    const auto type = TypeOf(column);
    const auto in_files = AsInFiles(type);
    const auto duckdb_type = DuckDbTypeOf(in_files);
    if (!duckdb_type) continue;
    const auto name = QuoteName(column.name);
    const auto value = WithNamesOf(name, in_files, WithoutFileNames(type));
    AddTo(names, value == name ? name : fmt::format("{} AS {}", value, name));
    AddTo(schema, fmt::format("{}: {{name: {}, type: {}, default_value: NULL}}", column.id,
                              QuoteText(column.name), QuoteText(*duckdb_type)));
    AddTo(nulls, fmt::format("CAST(NULL AS {}) AS {}", *DuckDbTypeOf(type), name));
  }
  if (names.empty()) return "SELECT NULL AS nothing WHERE false";
  if (files.empty()) return fmt::format("SELECT {} WHERE false", nulls);
  std::string list;
  for (const auto& file : files) AddTo(list, QuoteText(file));
  return fmt::format("SELECT {} FROM read_parquet([{}], schema = MAP {{{}}})", names, list, schema);
}

}  // namespace st::worker::parquet
