// Vocabulary: a Parquet file as the engine that wrote it describes it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

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
  };
  std::map<std::string, Column> columns;  // by name
};

}  // namespace st
