// Reads the data files of an Iceberg table in DuckDB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jobs/table_column.h"

namespace st::worker::parquet {

// A SELECT of the table's columns from exactly these files, in their order. It reads columns by
// Iceberg field id, so renamed and added columns are right in old files, and lists its columns one
// by one, so the extra columns of read_parquet stay hidden. A column of a type that
// DuckDbTypeOf (base/nested_type.h) does not know is left out. Without files, or without a column
// of a known type, the SELECT has no rows.
std::string SelectOfFiles(const std::vector<jobs::TableColumn>& columns,
                          const std::vector<std::string>& files);

}  // namespace st::worker::parquet
