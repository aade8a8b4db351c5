// SQL that gives the fields of structs other names, in whatever depth. Pure.
//
// A data file may have another name for a struct's field than the table has (lake/schema.h): the
// file's name never changes, since DuckDB reads the fields of structs by name.
#pragma once

#include <string>
#include <vector>

#include "base/nested_type.h"
#include "jobs/table_column.h"

namespace st::worker::parquet {

// The column's type; a primitive of that name where the text is no type.
NestedType TypeOf(const jobs::TableColumn& column);

// Some field of a struct has another name in data files.
bool HasFileNames(const NestedType& type);

// The value of the SQL expression `value`, whose type is `from`, with the names of `to`. Requires:
// the types are equal but for the names of structs' fields.
std::string WithNamesOf(const std::string& value, const NestedType& from, const NestedType& to);

// Rows of `select` as they are written to data files of these columns.
std::string SelectForFile(const std::string& select, const std::vector<jobs::TableColumn>& columns);

}  // namespace st::worker::parquet
