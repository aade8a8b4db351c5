#include "query/statement_job.h"

#include <utility>

#include "base/text.h"
#include "lake/pruning.h"
#include "query/catalog_statements.h"
#include "query/limits.h"

namespace st::query {
namespace {

jobs::QueryTable TableOf(const lake::View& view) {
  jobs::QueryTable table{.schema = view.name.schema,
                         .name = view.name.name,
                         .asks_for_files = true,
                         .rows = view.record_count};
  for (const auto& column : view.columns) {
    table.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  return table;
}

}  // namespace

StatementJob JobFor(const StatementRequest& request, const lake::Catalog& lake,
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
  for (const auto& name : lake.Tables()) {
    const auto view = lake.Load(name);
    if (!view) {
      // A table that was removed meanwhile is left out: the worker reports that it does not exist.
      if (view.error().code() == ErrorCode::kNotFound) continue;
      // Only the worker, which parses the statement, knows whether it reads a damaged table.
      job.tables.push_back(
          {.schema = name.schema, .name = name.name, .damage = view.error().message()});
      made.views.push_back(nullptr);
      continue;
    }
    job.tables.push_back(TableOf(**view));
    made.views.push_back(*view);
  }
  return made;
}

Result<std::vector<std::vector<std::string>>> ChooseFilesOf(StatementJob& made,
                                                            const std::vector<jobs::TableUse>& uses,
                                                            const CheckFile& check) {
  std::vector<std::vector<std::string>> files;
  std::vector<std::shared_ptr<const lake::View>> used;
  for (const auto& use : uses) {
    if (use.table >= made.views.size() || made.views[use.table] == nullptr) {
      files.emplace_back();
      continue;
    }
    const auto& view = made.views[use.table];
    auto& locations = files.emplace_back();
    for (const auto* file : lake::FilesFor(use.filter, *view)) {
      ST_TRY_STATUS(check(*view, *file));
      locations.push_back(file->location);
    }
    used.push_back(view);
  }
  made.views = std::move(used);
  return files;
}

}  // namespace st::query
