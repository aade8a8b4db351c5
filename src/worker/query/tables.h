// The tables of a job as views of DuckDB over exactly their files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jobs/query_messages.h"

namespace st::worker::query {

// Statements that make the catalog, its schemas, a view for each table of `used` (indexes into
// job.tables), the session's time zone and where unqualified names are looked for.
//
// A view reads columns by Iceberg field id, so renamed and added columns are right in old files,
// and names its columns one by one: nothing of read_parquet shows through. A column of a type that
// is not known here is left out.
std::vector<std::string> TableStatements(const jobs::QueryJob& job,
                                         const std::vector<std::size_t>& used);

}  // namespace st::worker::query
