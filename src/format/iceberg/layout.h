// How a table's rows are spread over its files: partition specs and sort orders. Pure.
//
// Format: Iceberg spec, Partitioning and Sorting.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/partition_transform.h"
#include "base/result.h"

namespace st::iceberg {

class JsonReader;
struct Schema;

// The id of an unpartitioned table's last partition field: the first one gets the next.
inline constexpr int kNoPartitionId = 999;

struct PartitionField {
  int source_id = 0;  // field id of a column
  int field_id = 0;   // its own, from 1000; the same in all specs that have an equivalent field
  std::string name;
  PartitionTransform transform;
  friend bool operator==(const PartitionField&, const PartitionField&) = default;
};

struct PartitionSpec {
  int id = 0;
  std::vector<PartitionField> fields;  // none: unpartitioned
  friend bool operator==(const PartitionSpec&, const PartitionSpec&) = default;
};

struct SortField {
  int source_id = 0;
  PartitionTransform transform;
  bool is_descending = false;
  bool has_nulls_last = false;
  friend bool operator==(const SortField&, const SortField&) = default;
};

struct SortOrder {
  int id = 0;  // 0 is the order without fields
  std::vector<SortField> fields;
  friend bool operator==(const SortOrder&, const SortOrder&) = default;
};

// The types of a spec's fields: of the column, and of the partition values.
struct PartitionFieldType {
  ColumnType source;
  ColumnType result;
};

// The column of each field in the newest of `schemas` that has it. kUnsupported: none has it, or it
// is of a type that the transform does not take. A void field of a column that is gone is a string.
Result<std::vector<PartitionFieldType>> TypesOf(const PartitionSpec& spec,
                                                const std::vector<Schema>& schemas);

// A partition value, or a bound, of before its column was widened, as one of the wider type: an int
// as a long, a float as a double. Others stay as they are.
std::string ValueAs(const ColumnType& type, std::string_view value);

// [{"name":"ts_day","transform":"day","source-id":1,"field-id":1000},…], as metadata and manifests
// carry it.
nlohmann::ordered_json FieldsJson(const PartitionSpec& spec);
nlohmann::ordered_json ToJson(const PartitionSpec& spec);
nlohmann::ordered_json ToJson(const SortOrder& order);
Result<PartitionSpec> PartitionSpecFrom(const JsonReader& json);
Result<SortOrder> SortOrderFrom(const JsonReader& json);

}  // namespace st::iceberg
