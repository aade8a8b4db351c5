// Finds the change that gives a table the columns that somebody wants, by their names. Pure.
//
// New columns and fields, wider types, another order and other comments are a matter of course. A
// column that is missing among those that are wanted is dropped or renamed only where that is asked
// for: nothing else says which of the two is meant.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lake/view.h"

namespace st::lake {

struct ColumnRequests {
  // Columns, and fields of structs by their path: "s.a", "list.element.a", "map.value.a". A path
  // has the names that the structs around the field are to have.
  std::vector<std::pair<std::string, std::string>> renames;  // old name or path, new name
  std::vector<std::string> drops;
};

struct Evolution {
  std::vector<Column> columns;         // as Append::columns takes them
  std::vector<std::string> changes;    // "adds column x (long)"; none: the table has the columns
  std::vector<std::string> obstacles;  // any: the table cannot get the columns, and why
  bool is_cured_by_reset = true;       // once the table is emptied it can get the columns
};

// A request for a column that the table does not have, or for a new name that it has, says nothing:
// it was fulfilled before. Requests find columns in any case. The ids of `wanted` are ignored.
Evolution PlanEvolution(const std::vector<Column>& now, const std::vector<Column>& wanted,
                        const ColumnRequests& requests);

// The same for a table: a column of a layout that it has or had cannot go.
Evolution PlanEvolution(const View& table, const std::vector<Column>& wanted,
                        const ColumnRequests& requests);

// "n long, s struct<a: int>", without ids.
std::string ColumnList(const std::vector<Column>& columns);

}  // namespace st::lake
