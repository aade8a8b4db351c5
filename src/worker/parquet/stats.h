// Reads the statistics that COPY … (RETURN_STATS) gives for the file it wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "sql/database.h"

namespace st::worker::parquet {

// From the statement's rows; nullopt: no file was written (WRITE_EMPTY_FILE false and no row).
Result<std::optional<WrittenFile>> StatsFrom(sql::Rows& rows);

// The column that a key of the statistics names, `"a b"` or `plain`; nullopt: a part of a nested
// one, `"s"."member"`.
std::optional<std::string> ColumnOf(std::string_view key);

// Bounds of zero of these columns, which hold floating point numbers, take in both zeros: DuckDB
// gives the sign of the first, and Iceberg's readers order -0.0 before 0.0 (Parquet, Statistics).
void WidenZeroBounds(const std::vector<std::string>& columns, WrittenFile& stats);

}  // namespace st::worker::parquet
