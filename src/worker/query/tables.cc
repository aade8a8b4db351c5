#include "worker/query/tables.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "sql/database.h"
#include "worker/parquet/table_files.h"

namespace st::worker::query {
namespace {

using sql::QuoteName;
using sql::QuoteText;

}  // namespace

std::vector<std::string> CatalogStatements(const jobs::QueryJob& job,
                                           const std::vector<jobs::TableUse>& uses) {
  const std::string catalog = QuoteName(job.catalog);
  std::vector<std::string> out = {fmt::format("ATTACH ':memory:' AS {}", catalog)};
  std::set<std::string> schemas = {AsciiLower(job.schema)};
  for (const auto& use : uses) schemas.insert(AsciiLower(job.tables[use.table].schema));
  for (const auto& schema : schemas) {
    out.push_back(fmt::format("CREATE SCHEMA IF NOT EXISTS {}.{}", catalog, QuoteName(schema)));
  }
  // DuckDB's own function has one answer for all.
  out.push_back(fmt::format("CREATE MACRO memory.main.current_user() AS {}", QuoteText(job.user)));
  out.push_back(fmt::format(
      "SET search_path = {}",
      QuoteText(fmt::format("{}.{},memory.main", catalog, QuoteName(AsciiLower(job.schema))))));
  return out;
}

std::vector<std::string> ViewStatements(const jobs::QueryJob& job,
                                        const std::vector<jobs::TableUse>& uses) {
  std::vector<std::string> out;
  for (const auto& use : uses) {
    const jobs::QueryTable& table = job.tables[use.table];
    out.push_back(fmt::format("CREATE VIEW {}.{}.{} AS {}", QuoteName(job.catalog),
                              QuoteName(AsciiLower(table.schema)), QuoteName(table.name),
                              parquet::SelectOfFiles(table.columns, table.files)));
  }
  return out;
}

}  // namespace st::worker::query
