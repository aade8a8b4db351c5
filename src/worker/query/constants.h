// Expressions of a statement that have one value for all rows: their SQL, and the values of those
// that stand beside columns in conditions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/row_filter.h"
#include "jobs/query_messages.h"
#include "sql/database.h"

namespace st::worker::query {

// A number as the tree has it: the digits, and how many of them stand behind the point.
struct Number {
  std::int64_t digits = 0;
  int scale = 0;
};
// nullopt: the value is no integer of 64 bits, and no decimal of so many digits.
std::optional<Number> NumberFrom(const nlohmann::json& value);
std::string DecimalText(const Number& number);

// current_date, current_timestamp or localtimestamp, which DuckDB's tree has as columns.
bool IsTimeName(std::string_view name);
// Whether the statement has one of these, and they are nothing else in it: no column, alias or
// text.
bool AreTimeNamesFree(const nlohmann::json& parsed, std::string_view sql,
                      const jobs::QueryJob& job);

// The expression as DuckDB's SQL: literals, casts of them, the time of the statement, intervals and
// their sums. nullopt: it has other parts. Requires for `has_time_names`: AreTimeNamesFree.
std::optional<std::string> ConstantText(const nlohmann::json& expression, bool has_time_names);

// Sets the expressions in a filter of the table's rows to their values, as DuckDB computes them on
// the connection. A comparison for which DuckDB casts the column wants every row.
//
// Errors: an expression that has no value: the statement will fail for it.
Status EvaluateConstants(sql::Connection& connection, const jobs::QueryTable& table,
                         RowFilter& filter);
bool HasExpressions(const RowFilter& filter);

}  // namespace st::worker::query
