#include "query/statement_job.h"

#include <algorithm>

#include "base/text.h"
#include "query/catalog_statements.h"
#include "query/limits.h"

namespace st::query {
namespace {

// True if a statement can only name the table by writing the name as it is. Names with other
// characters can be written in several ways, and U&"…" can spell any name.
bool IsPlainName(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

jobs::QueryTable TableOf(const lake::View& view) {
  jobs::QueryTable table{.schema = view.name.schema, .name = view.name.name};
  for (const auto& column : view.columns) {
    table.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  return table;
}

}  // namespace

Result<StatementJob> JobFor(const StatementRequest& request, const lake::Catalog& lake,
                            const EngineOptions& options) {
  const auto& session = request.session;
  StatementJob made;
  jobs::QueryJob& job = made.job;
  job = {.sql = request.sql,
         .parametric_datetime = session.parametric_datetime,
         .max_rows = options.max_rows,
         .page_rows = kPageRows,
         .page_bytes = kPageBytes,
         .memory_limit_bytes = options.memory_limit_bytes};
  job.catalog = session.catalog.empty() ? std::string(kCatalog) : AsciiLower(session.catalog);
  if (!session.schema.empty()) job.schema = AsciiLower(session.schema);
  job.user = session.user;
  if (!session.time_zone.empty()) job.time_zone = session.time_zone;
  const std::string text = AsciiLower(request.sql);
  const bool has_coded_names = text.contains("u&");
  for (const auto& name : lake.Tables()) {
    // Messages need the columns of the other tables, but nothing needs their files, which can be
    // many.
    const bool is_named = !IsPlainName(name.name) || has_coded_names || text.contains(name.name);
    const auto view = lake.Load(name);
    if (!view && view.error().code() != ErrorCode::kNotFound && is_named) {
      return std::unexpected(view.error());  // the table is damaged
    }
    if (!view) continue;  // it was removed meanwhile; the worker reports that it does not exist
    auto& table = job.tables.emplace_back(TableOf(**view));
    if (!is_named) continue;
    for (const auto& file : (*view)->files) table.files.push_back(file.location);
    made.views.push_back(*view);
  }
  return made;
}

}  // namespace st::query
