// Creates DuckDB views for the tables of a job, each over exactly the table's files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jobs/query_messages.h"

namespace st::worker::query {

// Statements that create the catalog, its schemas and a view for each table of `used` (indexes into
// job.tables), and set the session's time zone and the search path of unqualified names.
//
// A view reads columns by Iceberg field id, so renamed and added columns are right in old files,
// and lists its columns one by one, so the extra columns of read_parquet stay hidden. A column of
// an unknown type is left out.
std::vector<std::string> TableStatements(const jobs::QueryJob& job,
                                         const std::vector<std::size_t>& used);

}  // namespace st::worker::query
