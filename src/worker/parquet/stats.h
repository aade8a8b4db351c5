// Reads the statistics that COPY … (RETURN_STATS) gives for the file it wrote.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/table_column.h"
#include "sql/database.h"

namespace st::worker::parquet {

// The names of a column and of what is nested in it, in a data file: {"orders", "element",
// "price"}.
using ColumnPath = std::vector<std::string>;

// Of each column that has values itself, in whatever depth, the field id.
std::map<ColumnPath, int> IdsOfPaths(const std::vector<jobs::TableColumn>& columns);

// The column that a key of the statistics names: `"a b"`, `plain`, `"s"."member"`. nullopt: it is
// written otherwise.
std::optional<ColumnPath> PathOf(std::string_view key);

// From the statement's rows, of the columns that `ids` has. nullopt: no file was written
// (WRITE_EMPTY_FILE false and no row).
Result<std::optional<WrittenFile>> StatsFrom(sql::Rows& rows, const std::map<ColumnPath, int>& ids);

// The columns of a statement, or parts of them, that hold floating point numbers.
std::vector<ColumnPath> FloatingPaths(const sql::Statement& statement);

// Adds what RETURN_STATS lacks, read from the file that was written: where its row groups begin,
// and how many values are NaN in the columns that have some. What is nested and has some has no
// count.
Status AddFileFacts(sql::Connection& connection, const std::vector<ColumnPath>& floating,
                    const std::map<ColumnPath, int>& ids, WrittenFile& file);

// Bounds of zero of these columns take in both zeros: DuckDB gives the sign of the first, and
// Iceberg's readers order -0.0 before 0.0 (Parquet, Statistics).
void WidenZeroBounds(const std::vector<ColumnPath>& paths, const std::map<ColumnPath, int>& ids,
                     WrittenFile& stats);

}  // namespace st::worker::parquet
