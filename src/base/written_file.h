// Vocabulary: a Parquet file as the engine that wrote it describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace st {

// What DuckDB's COPY … (RETURN_STATS) says of one file.
struct WrittenFile {
  std::string location;  // the path in a local folder
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  struct Column {
    std::int64_t size_bytes = -1;   // -1: unknown
    std::int64_t value_count = -1;  // nulls among them
    std::int64_t null_count = -1;
    std::optional<std::string> min;  // DuckDB's text
    std::optional<std::string> max;
    bool has_nan = false;
    std::int64_t nan_count = -1;  // of a floating point column; -1: unknown, or it is none
  };
  std::map<int, Column> columns;  // by field id; only columns that have values themselves
  // The values that all its rows have, in the order of the fields that the job named, in Iceberg's
  // single-value serialization; nullopt is NULL.
  std::vector<std::optional<std::string>> partition;
  std::vector<std::int64_t> row_group_offsets;  // where each row group begins, in bytes
};

}  // namespace st
