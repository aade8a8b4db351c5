// Spark's literals of numbers and times as plans. Pure.
//
// Errors: kInvalidArgument; of numbers with place, line and caret.
#pragma once

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

// A kNumber, with a minus before it or not.
Result<Expression> NumberLiteral(const SourceText& source, const Expr& expr, bool is_negative);
// A kTyped.
Result<Expression> TimeLiteral(const Expr& expr);

}  // namespace st::dialect::spark
