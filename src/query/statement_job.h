// The job of a query worker for a statement.
//
// Threads: pure function, but that it loads Views.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "jobs/query_messages.h"
#include "lake/catalog.h"
#include "query/engine_options.h"
#include "query/statement_exchange.h"

namespace st::query {

struct StatementJob {
  jobs::QueryJob job;
  // Whose files the worker reads. Files that leave a table stay on the disk while this is held.
  std::vector<std::shared_ptr<const lake::View>> views;
};

// Names all tables of the catalog with their columns. Files are only of tables whose name may be in
// the text, as these are all that the worker can read.
// Errors: those of Catalog::Load, for a table whose name may be in the text.
Result<StatementJob> JobFor(const StatementRequest& request, const lake::Catalog& lake,
                            const EngineOptions& options);

}  // namespace st::query
