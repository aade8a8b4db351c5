// Recursive descent over one Spark expression, with Spark's precedence. Pure.
//
// Limits: kMaxExprDepth, kMaxExprOperators (limits.h), those of the subqueries in it counted.
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

// One expression at the cursor, to the first token that does not belong to it.
Result<Expr> ParseExpression(TokenCursor& cursor);

}  // namespace st::dialect::spark
