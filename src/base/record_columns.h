// The columns of st_source(), which a transform's SQL reads, and of bad.rows, which has the dead
// letters. Neither is listed anywhere else.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/column_type.h"

namespace st {

struct FixedColumn {
  std::string_view name;
  TypeKind kind;
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
    FixedColumn{"key", TypeKind::kBinary},
    FixedColumn{"value", TypeKind::kBinary},
    FixedColumn{"value_text", TypeKind::kString},
    FixedColumn{"topic", TypeKind::kString},
    FixedColumn{"partition", TypeKind::kInt},
    FixedColumn{"offset", TypeKind::kLong},
    FixedColumn{"timestamp", TypeKind::kTimestampTz},
    FixedColumn{"timestampType", TypeKind::kInt},
};
constexpr const FixedColumn& ColumnOf(SourceColumn column) {
  return kSourceColumns[static_cast<std::size_t>(column)];
}

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
    FixedColumn{"raw_value", TypeKind::kBinary},      FixedColumn{"code", TypeKind::kString},
    FixedColumn{"reason", TypeKind::kString},         FixedColumn{"pipeline", TypeKind::kString},
    FixedColumn{"flow", TypeKind::kString},           FixedColumn{"topic", TypeKind::kString},
    FixedColumn{"partition", TypeKind::kInt},         FixedColumn{"offset", TypeKind::kLong},
    FixedColumn{"timestamp", TypeKind::kTimestampTz},
};

}  // namespace st
