// Creates DuckDB views for the tables of a job, each over exactly the table's files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jobs/query_messages.h"

namespace st::worker::query {

// Statements that create the catalog, its schemas and a view for each table of `used` (indexes into
// job.tables), and set the session's time zone and the search path of unqualified names.
std::vector<std::string> TableStatements(const jobs::QueryJob& job,
                                         const std::vector<std::size_t>& used);

}  // namespace st::worker::query
