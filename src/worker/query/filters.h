// Reads off a statement's syntax tree which rows of a table it can want, so that data files without
// such rows need not be opened.
//
// Only what is certain by DuckDB's own rules of comparison is read: a column beside a constant that
// DuckDB does not cast the column for. Everything else wants every row.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/row_filter.h"
#include "jobs/query_messages.h"

namespace st::worker::query {

// A table in the FROM of a SELECT.
struct TableScope {
  const jobs::QueryTable& table;
  std::string name;             // by which columns are qualified: its alias, or its own name
  bool is_alone = true;         // no other table is in this FROM, so that columns need no qualifier
  bool has_time_names = false;  // AreTimeNamesFree of the statement (constants.h)
};

// The rows that satisfy `where`, an expression of DuckDB's tree. A constant that is no plain number
// or text, or stands beside a date or time, is an expression of SQL as yet (EvaluateConstants).
//
// Limits: kMaxFilterConstants; a condition with more wants every row.
RowFilter FilterFrom(const nlohmann::json& where, const TableScope& scope);

// The rows that satisfy one of the conditions: of two places that name one table.
RowFilter EitherOf(RowFilter a, RowFilter b);

}  // namespace st::worker::query
