#include "worker/query/tables.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sql/database.h"
#include "worker/query/types.h"

namespace st::worker::query {
namespace {

using sql::QuoteName;
using sql::QuoteText;

// The SQL of a relation that has the table's columns and no rows.
std::string EmptyTable(const jobs::QueryTable& table) {
  std::string columns;
  for (const auto& column : table.columns) {
    const auto type = DuckTypeOfIceberg(column.type);
    if (!type) continue;
    columns += fmt::format("{}CAST(NULL AS {}) AS {}", columns.empty() ? "" : ", ", *type,
                           QuoteName(column.name));
  }
  return fmt::format("SELECT {} WHERE false", columns.empty() ? "NULL AS nothing" : columns);
}

std::string Files(const jobs::QueryTable& table) {
  std::string files;
  std::string schema;
  std::string columns;
  for (const auto& file : table.files) {
    files += (files.empty() ? "" : ", ") + QuoteText(file);
  }
  for (const auto& column : table.columns) {
    const auto type = DuckTypeOfIceberg(column.type);
    if (!type) continue;
    schema +=
        fmt::format("{}{}: {{name: {}, type: {}, default_value: NULL}}", schema.empty() ? "" : ", ",
                    column.id, QuoteText(column.name), QuoteText(*type));
    columns += (columns.empty() ? "" : ", ") + QuoteName(column.name);
  }
  return fmt::format("SELECT {} FROM read_parquet([{}], schema = MAP {{{}}})", columns, files,
                     schema);
}

}  // namespace

std::vector<std::string> TableStatements(const jobs::QueryJob& job,
                                         const std::vector<std::size_t>& used) {
  const std::string catalog = QuoteName(job.catalog);
  std::vector<std::string> out = {fmt::format("ATTACH ':memory:' AS {}", catalog)};
  std::set<std::string> schemas = {AsciiLower(job.schema)};
  for (const std::size_t index : used) schemas.insert(AsciiLower(job.tables[index].schema));
  for (const auto& schema : schemas) {
    out.push_back(fmt::format("CREATE SCHEMA IF NOT EXISTS {}.{}", catalog, QuoteName(schema)));
  }
  for (const std::size_t index : used) {
    const jobs::QueryTable& table = job.tables[index];
    const bool has_columns = std::ranges::any_of(table.columns, [](const auto& column) {
      return DuckTypeOfIceberg(column.type).has_value();
    });
    out.push_back(
        fmt::format("CREATE VIEW {}.{}.{} AS {}", catalog, QuoteName(AsciiLower(table.schema)),
                    QuoteName(table.name),
                    table.files.empty() || !has_columns ? EmptyTable(table) : Files(table)));
  }
  // DuckDB's own function has one answer for all.
  out.push_back(fmt::format("CREATE MACRO memory.main.current_user() AS {}", QuoteText(job.user)));
  out.push_back(fmt::format("SET TimeZone = {}", QuoteText(job.time_zone)));
  out.push_back(fmt::format(
      "SET search_path = {}",
      QuoteText(fmt::format("{}.{},memory.main", catalog, QuoteName(AsciiLower(job.schema))))));
  return out;
}

}  // namespace st::worker::query
