// Checks a statement from the network on DuckDB's own syntax tree (I10).
//
// An allow-list of nodes, tables, functions and constructs: everything else is refused.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "jobs/query_messages.h"
#include "worker/query/text.h"

namespace st::worker::query {

// One entry of a SELECT list, for the names of the result's columns.
struct SelectItem {
  enum class Kind {
    kNamed,    // a column or an alias
    kUnnamed,  // an expression: Trino calls it _col0, _col1 …
    kStar,     // any number of columns
  };
  Kind kind = Kind::kNamed;
};

struct CheckedStatement {
  std::vector<SelectItem> items;
  std::vector<jobs::TableUse> uses;  // of each table that it names, once
  std::set<std::string> functions;   // the functions that it calls, in lower case
  // The names of its columns where it asks for nothing but the number of rows of its one table:
  // SELECT count(*) FROM t.
  std::vector<std::string> counts;
};

// The tree in the text of json_serialize_sql. It writes a number that is too large, as 1e309, in a
// way that JSON lacks: such a number has no value here. Discarded: it is no JSON.
nlohmann::json TreeFrom(std::string text);

// `parsed` is the tree of the statement `text`.
//
// Errors: SYNTAX_ERROR; NOT_SUPPORTED for all but one SELECT, WITH … SELECT or VALUES and for
//         constructs that are not on the list; CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND,
//         TABLE_NOT_FOUND, FUNCTION_NOT_FOUND; GENERIC_INTERNAL_ERROR for a damaged table.
jobs::QueryResult<CheckedStatement> CheckStatement(const nlohmann::json& parsed,
                                                   const DuckText& text, const jobs::QueryJob& job);

}  // namespace st::worker::query
