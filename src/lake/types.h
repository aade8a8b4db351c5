// Translates DuckDB's column types, and its statistics of a written Parquet file, to Iceberg's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/written_file.h"
#include "lake/view.h"

namespace st::lake {

// The type, as base/nested_type.h writes it, that holds every value of a DuckDB column type
// ("VARCHAR", "TIMESTAMP WITH TIME ZONE", "STRUCT(a INTEGER, \"b c\" DECIMAL(9,2))[]",
// "MAP(VARCHAR, DATE)"); the ids in it are 0. Where DuckDB has more types than Iceberg the values
// must be cast to DuckdbTypeFor() of it before they are written: TINYINT to INTEGER, UBIGINT to
// DECIMAL(20,0), JSON and ENUM to VARCHAR, TIMESTAMP_NS to TIMESTAMP.
//
// Errors: kUnsupported names the type and what to cast to (intervals, unions, deeper nesting than
//         kMaxTypeDepth).
Result<std::string> IcebergTypeFor(std::string_view duckdb_type);

// The DuckDB type whose Parquet column is read as `iceberg_type`. kInvalidArgument if that is no
// type of a table's column.
Result<std::string> DuckdbTypeFor(std::string_view iceberg_type);

// Bounds of long text and bytes are cut to this many characters, as Iceberg does by default.
inline constexpr std::size_t kMaxBoundCharacters = 16;

// The file as a commit takes it. It leaves out columns that the table does not have, bounds that
// Iceberg cannot state (NaN, infinity, values that are not text DuckDB prints), and bounds and
// nulls of what is in lists and maps, which Iceberg's readers do not use.
DataFile DataFileFrom(const WrittenFile& file, const std::vector<Column>& columns);
// The same of a file of the View's current spec and order, with its partition.
DataFile DataFileFrom(const WrittenFile& file, const View& view);

}  // namespace st::lake
