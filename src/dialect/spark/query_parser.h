// Recursive descent over Spark's queries: WITH, SELECT, VALUES, UNION ALL, LATERAL VIEW, LATERAL.
// Pure.
//
// What needs state over many records (GROUP BY, JOIN, ORDER BY …) is refused by name.
//
// Limits: kMaxQueryDepth, kMaxSelects, kMaxValuesRows (limits.h) and those of expr_parser.h.
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

inline constexpr std::string_view kSupportedQuery =
    "supported is SELECT columns and expressions FROM STREAM(topic), a view or a query in brackets "
    "[, LATERAL …] [LATERAL VIEW …] [WHERE condition] [UNION ALL …]";

// A query at the cursor, to the first token that does not belong to it.
Result<Query> ParseQuery(TokenCursor& cursor);
// A query in brackets at the cursor.
Result<std::shared_ptr<const Query>> ParseSubquery(TokenCursor& cursor);
// "(name, …)", if it is there.
Result<std::vector<std::string>> ParseNames(TokenCursor& cursor);
// An error where the next token begins a clause that is not offered.
Status RefuseClause(const TokenCursor& cursor);

}  // namespace st::dialect::spark
