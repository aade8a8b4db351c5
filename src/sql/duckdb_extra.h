// What the C API of DuckDB 1.5.5 has and its older header, which we compile with, does not name.
#pragma once

#include "duckdb.h"

extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming)
void duckdb_unsafe_vector_assign_string_element_len(duckdb_vector vector, idx_t index,
                                                    const char* str, idx_t length);
}
