// DuckDB's handles behind the public classes; for this module alone.
#pragma once

#include <string>

#include "sql/chunk.h"
#include "sql/duckdb_extra.h"

namespace st::sql {

// Frees `type`.
Type TypeFrom(duckdb_logical_type type);
// The type for a result column; plain types only.
duckdb_logical_type NativeType(TypeId id);
// A nested type with its parts, or a plain one.
duckdb_logical_type NativeType(const Type& type);
// Frees `text`; "" for a null pointer.
std::string TakeText(char* text);

}  // namespace st::sql
