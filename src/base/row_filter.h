// Vocabulary: what a condition of a statement says of single columns of one table.
#pragma once

#include <string>
#include <vector>

namespace st {

// A condition that all wanted rows satisfy. It may be wider than the statement's own: files that it
// excludes have no wanted row, the others may have some.
struct RowFilter {
  enum class Op {
    kAny,  // nothing is known: every row may be wanted
    kAll,  // all `children` hold
    kOne,  // at least one of `children` holds
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kIsNull,
    kIsNotNull,
  };
  Op op = Op::kAny;
  int column_id = 0;  // of the table's field, where there are no children
  // Of a comparison: the column stands on its left, and this constant, as DuckDB prints it, on its
  // right. An integer may exceed the column's type.
  std::string value;
  bool is_expression = false;  // `value` is DuckDB's SQL as yet; a filter that is used has none
  std::vector<RowFilter> children;
  friend bool operator==(const RowFilter&, const RowFilter&) = default;
};

}  // namespace st
