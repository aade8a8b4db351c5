// Spark's casts of structs, arrays and maps in ANSI mode, part by part. Pure.
//
// Errors: kUnsupported (without a place): a cast that is not offered.
#pragma once

#include "base/result.h"
#include "dialect/plan.h"

namespace st::dialect::spark {

// Requires: the value's type or `to` is nested, and they differ.
Result<Expression> CastNested(const Expression& value, const Type& to, bool is_try);

}  // namespace st::dialect::spark
