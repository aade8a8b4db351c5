#include "base/table_layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace st {
namespace {

Result<ColumnType> TypeOf(std::string_view name, std::span<const LayoutColumn> columns) {
  const auto found = std::ranges::find(columns, name, &LayoutColumn::name);
  if (found == columns.end()) {
    return Fail(ErrorCode::kInvalidArgument, "the table has no column '{}'", name);
  }
  if (found->type.kind == TypeKind::kUnknown) {
    return Fail(ErrorCode::kInvalidArgument, "column '{}' has a nested type", name);
  }
  return found->type;
}

Status CheckCount(std::size_t before) {
  if (before < kMaxLayoutFields) return {};
  return Fail(ErrorCode::kInvalidArgument, "there are more than {} fields", kMaxLayoutFields);
}

// Two parts of one time say the same: each hour lies in one day.
bool SaysTheSame(const PartitionBy& a, const PartitionBy& b) {
  if (a.column != b.column) return false;
  return a.transform == b.transform || (a.transform.is_time() && b.transform.is_time());
}

}  // namespace

Status CheckNext(std::span<const PartitionBy> before, const PartitionBy& next,
                 std::span<const LayoutColumn> columns) {
  ST_TRY_STATUS(CheckCount(before.size()));
  ST_TRY(const auto type, TypeOf(next.column, columns));
  const auto what = Describe(next.transform, next.column);
  if (const auto result = ResultTypeOf(next.transform, type); !result) {
    return std::unexpected(result.error().WithContext(what));
  }
  const auto name = FieldNameOf(next.transform, next.column);
  for (const auto& each : before) {
    const auto other = Describe(each.transform, each.column);
    if (SaysTheSame(each, next)) {
      return Fail(ErrorCode::kInvalidArgument, "{} beside {} is redundant: keep one", what, other);
    }
    if (FieldNameOf(each.transform, each.column) == name) {
      return Fail(ErrorCode::kInvalidArgument, "{} and {} would both be the partition field '{}'",
                  other, what, name);
    }
  }
  const bool is_taken = std::ranges::find(columns, name, &LayoutColumn::name) != columns.end();
  if (next.transform.kind == TransformKind::kIdentity || !is_taken) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "{} would be the partition field '{}', and a column has that name", what, name);
}

Status CheckNext(std::span<const SortBy> before, const SortBy& next,
                 std::span<const LayoutColumn> columns) {
  ST_TRY_STATUS(CheckCount(before.size()));
  ST_TRY_STATUS(TypeOf(next.column, columns));
  if (std::ranges::find(before, next.column, &SortBy::column) == before.end()) return {};
  return Fail(ErrorCode::kInvalidArgument, "column '{}' is in the order twice", next.column);
}

Status CheckLayout(const TableLayout& layout, std::span<const LayoutColumn> columns) {
  const std::span partition(layout.partition);
  for (std::size_t i = 0; i < partition.size(); ++i) {
    ST_TRY_STATUS(CheckNext(partition.first(i), partition[i], columns));
  }
  const std::span sort(layout.sort);
  for (std::size_t i = 0; i < sort.size(); ++i) {
    ST_TRY_STATUS(CheckNext(sort.first(i), sort[i], columns));
  }
  return {};
}

std::string Describe(std::span<const PartitionBy> partition) {
  std::string text;
  for (const auto& field : partition) {
    text += text.empty() ? "" : ", ";
    text += Describe(field.transform, field.column);
  }
  return text;
}

std::string Describe(std::span<const SortBy> sort) {
  std::string text;
  for (const auto& field : sort) {
    text += text.empty() ? "" : ", ";
    text += field.column;
    if (field.is_descending) text += " DESC";
    if (field.has_nulls_last != field.is_descending || field.is_descending) {
      text += field.has_nulls_last ? " NULLS LAST" : " NULLS FIRST";
    }
  }
  return text;
}

}  // namespace st
