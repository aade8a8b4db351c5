// The columns of st_source(), which a transform's SQL reads, and of bad.rows, which has the dead
// letters. Neither is listed anywhere else.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace st::jobs {

// A type by its names in DuckDB and in Iceberg.
struct ColumnType {
  std::string_view duckdb;
  std::string_view iceberg;
};
inline constexpr ColumnType kBinaryType{"BLOB", "binary"};
inline constexpr ColumnType kStringType{"VARCHAR", "string"};
inline constexpr ColumnType kIntType{"INTEGER", "int"};
inline constexpr ColumnType kLongType{"BIGINT", "long"};
inline constexpr ColumnType kTimestampTzType{"TIMESTAMP WITH TIME ZONE", "timestamptz"};

struct FixedColumn {
  std::string_view name;
  ColumnType type;
};

// Columns of st_source(), in order: those of Spark's Kafka source but for headers, and value_text.
enum class SourceColumn : std::size_t {
  kKey,
  kValue,
  kValueText,  // the value where it is UTF-8, else NULL; of a declared event its columns
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
  kTimestampType,  // 0: of the client, 1: of the log
};
inline constexpr std::array kSourceColumns = {
    FixedColumn{"key", kBinaryType},
    FixedColumn{"value", kBinaryType},
    FixedColumn{"value_text", kStringType},
    FixedColumn{"topic", kStringType},
    FixedColumn{"partition", kIntType},
    FixedColumn{"offset", kLongType},
    FixedColumn{"timestamp", kTimestampTzType},
    FixedColumn{"timestampType", kIntType},
};

// Columns of bad.rows, in order; a column's Iceberg field id is its number from 1.
enum class DeadColumn : std::size_t {
  kRawValue,
  kCode,
  kReason,
  kPipeline,
  kFlow,
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
};
inline constexpr std::array kDeadColumns = {
    FixedColumn{"raw_value", kBinaryType},      FixedColumn{"code", kStringType},
    FixedColumn{"reason", kStringType},         FixedColumn{"pipeline", kStringType},
    FixedColumn{"flow", kStringType},           FixedColumn{"topic", kStringType},
    FixedColumn{"partition", kIntType},         FixedColumn{"offset", kLongType},
    FixedColumn{"timestamp", kTimestampTzType},
};

}  // namespace st::jobs
