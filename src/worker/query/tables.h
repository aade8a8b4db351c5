// Creates DuckDB views for the tables of a job, each over exactly the table's files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jobs/query_messages.h"

namespace st::worker::query {

// Statements that create the catalog and its schemas, and set the search path of unqualified names.
std::vector<std::string> CatalogStatements(const jobs::QueryJob& job,
                                           const std::vector<jobs::TableUse>& uses);

// Statements that create a view in the catalog for each table of `uses`.
std::vector<std::string> ViewStatements(const jobs::QueryJob& job,
                                        const std::vector<jobs::TableUse>& uses);

}  // namespace st::worker::query
