// Declarations of DuckDB 1.5.5's C API that are missing in the older header we compile with.
#pragma once

#include "duckdb.h"

extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming)
void duckdb_unsafe_vector_assign_string_element_len(duckdb_vector vector, idx_t index,
                                                    const char* str, idx_t length);
}
