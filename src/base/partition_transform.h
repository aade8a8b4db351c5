// Iceberg's partition transforms of single values. Pure.
//
// A value is in Iceberg's single-value serialization (spec, Appendix D), as bounds are; nullopt is
// NULL, which every transform leaves NULL.
//
// Format: Iceberg spec, Partition Transforms; hashes as its Appendix B.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/column_type.h"
#include "base/result.h"

namespace st {

enum class TransformKind {
  kIdentity,
  kBucket,
  kTruncate,
  kYear,
  kMonth,
  kDay,
  kHour,
  kVoid,  // NULL for every value: what is left of a field that a table no longer uses
};

inline constexpr int kMaxTransformParameter = 1'000'000;  // of bucket and truncate

struct PartitionTransform {
  TransformKind kind = TransformKind::kIdentity;
  int parameter = 0;  // kBucket: buckets; kTruncate: width; else 0
  friend bool operator==(const PartitionTransform&, const PartitionTransform&) = default;
  bool is_time() const {
    return kind == TransformKind::kYear || kind == TransformKind::kMonth ||
           kind == TransformKind::kDay || kind == TransformKind::kHour;
  }
};

// As metadata names it: "day", "bucket[16]".
std::string IcebergName(const PartitionTransform& transform);
// nullopt: none of these.
std::optional<PartitionTransform> TransformFromIceberg(std::string_view name);
// As a person writes it: "day(ts)", "bucket(16, id)", "name".
std::string Describe(const PartitionTransform& transform, std::string_view column);
// The name that Iceberg's writers give the field: "ts_day", "id_bucket", "name_trunc", "name".
std::string FieldNameOf(const PartitionTransform& transform, std::string_view column);

// The type of the values that it makes of `source`. kInvalidArgument: it does not take the type;
// the message names the types that it takes.
Result<ColumnType> ResultTypeOf(const PartitionTransform& transform, const ColumnType& source);

// Requires: ResultTypeOf(transform, source) has a value, and `value` is one of `source`. A value of
// the wrong length gives NULL.
std::optional<std::string> Apply(const PartitionTransform& transform, const ColumnType& source,
                                 const std::optional<std::string>& value);

// Iceberg's hash of bytes: the x86 32-bit variant of Murmur3 with the seed 0.
std::uint32_t Murmur3(std::string_view bytes);

// The order of two values of a type: below, at or above 0. NaN is above all numbers, -0.0 below
// 0.0.
int CompareValues(const ColumnType& type, std::string_view a, std::string_view b);

// A value of a partition field for people: "2024-05-01", "2024-05", "2024-05-01-13", "null", "7".
// `source` is the type of the field's column.
std::string Readable(const PartitionTransform& transform, const ColumnType& source,
                     const std::optional<std::string>& value);

}  // namespace st
