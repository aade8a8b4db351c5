// The job of a query worker for a statement.
//
// Threads: pure functions, but that JobFor loads Views.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobs/query_messages.h"
#include "lake/catalog.h"
#include "query/engine_options.h"
#include "query/statement_exchange.h"

namespace st::query {

struct StatementJob {
  jobs::QueryJob job;
  // Of each of the job's tables; nullptr: it is damaged. Files that leave a table stay on the disk
  // while this is held.
  std::vector<std::shared_ptr<const lake::View>> views;
};

// Names all tables of the catalog with their columns and numbers of rows. The worker asks for
// files. A damaged table has its damage instead, which fails the statements that read it.
StatementJob JobFor(const StatementRequest& request, const lake::Catalog& lake,
                    const EngineOptions& options);

using CheckFile = std::function<Status(const lake::View& table, const lake::DataFile& file)>;

// The files that the worker asks for: of each table that the statement uses, those that may have
// wanted rows (lake/pruning.h). Lets the Views of all other tables go. The first error of `check`,
// which is asked of each file, ends it.
Result<std::vector<std::vector<std::string>>> ChooseFilesOf(StatementJob& made,
                                                            const std::vector<jobs::TableUse>& uses,
                                                            const CheckFile& check);

}  // namespace st::query
