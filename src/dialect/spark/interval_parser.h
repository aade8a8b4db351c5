// INTERVAL literals. Pure.
//
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

// Whether the word INTERVAL at the cursor begins a literal, and is no name.
bool BeginsInterval(const TokenCursor& cursor);
// INTERVAL 1 DAY 2 HOURS, INTERVAL '1 02' DAY TO HOUR or INTERVAL '1 day', as a kInterval.
Result<Expr> ParseInterval(TokenCursor& cursor);

}  // namespace st::dialect::spark
