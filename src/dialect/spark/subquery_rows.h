// The rows of a subquery over a record's own values: elements of a list, which functions of lists
// filter and change, so that each record is computed by itself and its rows keep their order. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dialect/plan.h"

namespace st::dialect::spark {

struct RowColumn {
  std::string relation;  // the name that may stand before the column's; "" if there is none
  std::string name;      // "" if it has none
  Expression value;      // of the row
};

struct SubqueryRows {
  // One row for each element, a list of which NULL has none; nullopt: one row.
  std::optional<Expression> list;
  Expression element;  // where `list` is: the variable in the columns' values
  std::vector<RowColumn> columns;
  std::optional<Expression> where;  // the rows for which it is true
};

// Makes variables, each with a name that no other in the statement has.
class RowVariables {
 public:
  Expression New(const Type& type);

 private:
  int last_ = 0;
};

// Both conditions, the first one first where the second can fail.
std::optional<Expression> Both(const std::optional<Expression>& first,
                               std::optional<Expression> second);

std::vector<Expression> ValuesOf(const SubqueryRows& rows);

// The field of a row's value that has the column of this number, from 0.
std::string FieldOfRow(std::size_t column);
// The value of a row in a list of them.
Expression PackedRow(const std::vector<Expression>& values);
// A list with an element for each row: its one value, or a struct of several.
Expression ListOfRows(const SubqueryRows& rows, const std::vector<Expression>& values);
// The rows of such a list; the columns have the names and types of `columns`.
SubqueryRows RowsOfList(Expression list, const std::vector<RowColumn>& columns,
                        RowVariables& variables);

// Each row with each of `other`, which may read the row.
SubqueryRows Joined(const SubqueryRows& rows, const SubqueryRows& other, RowVariables& variables);
// The rows; one of NULLs where there is none.
SubqueryRows WithOuterRow(const SubqueryRows& rows, RowVariables& variables);

// The value of the one row, NULL where there is none, and an error where there are several.
// Requires: there is one column.
Expression OneValue(const SubqueryRows& rows, RowVariables& variables);
// Whether there is a row; never NULL.
Expression HasRow(const SubqueryRows& rows);

}  // namespace st::dialect::spark
