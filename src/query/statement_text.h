// Finds the kind of a statement, and the parts of those kinds that need no worker.
//
// Threads: pure functions.
// Errors:  statement::Failure: SYNTAX_ERROR with its place, NOT_SUPPORTED for statements that are
//          SQL but not offered.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/statement/query_results.h"

namespace st::query {

template <typename T>
using StatementResult = std::expected<T, statement::Failure>;

enum class StatementKind {
  kSelect,  // SELECT, WITH, VALUES, TABLE, "(": for a worker
  kShowCatalogs,
  kShowSchemas,  // name: [catalog]
  kShowTables,   // name: [[catalog.]schema]
  kShowColumns,  // name: [[catalog.]schema.]table; DESCRIBE too
  kUse,          // name: [catalog.]schema
};

struct ParsedStatement {
  StatementKind kind = StatementKind::kSelect;
  std::vector<std::string> name;  // lower case, quotes removed
  std::optional<std::string> like;
  std::optional<char> escape;
  statement::Location location;  // of the statement's first word, for errors about its name
};
StatementResult<ParsedStatement> ParseStatement(std::string_view sql);

// SQL's LIKE: % any text, _ any one character (UTF-8).
bool IsLike(std::string_view text, std::string_view pattern, std::optional<char> escape);

// "line 1:8: …" with its place.
statement::Failure FailureAt(statement::Location location, std::string name,
                             const std::string& message);

}  // namespace st::query
