// Vocabulary: how a table's rows are spread over files and sorted in them, by names of columns.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/partition_transform.h"
#include "base/result.h"

namespace st {

// Fields of one list, of partitioning or of the order.
inline constexpr std::size_t kMaxLayoutFields = 16;

struct PartitionBy {
  std::string column;
  PartitionTransform transform;
  friend bool operator==(const PartitionBy&, const PartitionBy&) = default;
};

struct SortBy {
  std::string column;
  bool is_descending = false;
  bool has_nulls_last = false;
  friend bool operator==(const SortBy&, const SortBy&) = default;
};

struct TableLayout {
  std::vector<PartitionBy> partition;  // none: one partition
  std::vector<SortBy> sort;            // none: the order in which rows came
  friend bool operator==(const TableLayout&, const TableLayout&) = default;
};

struct LayoutColumn {
  std::string name;
  ColumnType type;  // kUnknown: a nested one
};

// Whether `next` may follow `before` in a table with these columns, as Iceberg's writers decide.
//
// Errors: kInvalidArgument: no such column, a type that the transform does not take, a field that
//         says the same twice (of two parts of one time, too), a name that a column has.
Status CheckNext(std::span<const PartitionBy> before, const PartitionBy& next,
                 std::span<const LayoutColumn> columns);
Status CheckNext(std::span<const SortBy> before, const SortBy& next,
                 std::span<const LayoutColumn> columns);
Status CheckLayout(const TableLayout& layout, std::span<const LayoutColumn> columns);

// "day(ts), bucket(16, id)"; "" for none.
std::string Describe(std::span<const PartitionBy> partition);
// "a, b DESC NULLS LAST": an order that is not ascending with NULL first is spelt out.
std::string Describe(std::span<const SortBy> sort);

}  // namespace st
