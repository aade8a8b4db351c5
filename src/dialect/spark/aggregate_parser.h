// What may stand behind the call of an aggregate or a window function: WITHIN GROUP, FILTER, IGNORE
// NULLS, OVER. Pure.
//
// It is read whole, so that a mistake in it is told, and then refused: it looks at many records.
//
// Limits: those of expr_parser.h.
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

// An error where the next tokens begin such a clause.
Status RefuseAggregate(TokenCursor& cursor, const Expr& call);

// "… looks at more than one record, so it needs a window, which is not supported yet".
std::string NeedsWindow(std::string_view what);

}  // namespace st::dialect::spark
