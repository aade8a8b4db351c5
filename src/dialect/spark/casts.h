// Spark's casts in ANSI mode, as plans that give Spark's answers. Pure.
//
// Where DuckDB's own cast accepts other texts, rounds or reads another zone, the plan checks the
// text first or rewrites the value.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"

namespace st::dialect::spark {

// `is_try`: NULL instead of an error, as TRY_CAST.
// Errors: kUnsupported (without a place): a cast that is not offered.
Result<Expression> Cast(const Expression& value, const Type& to, bool is_try);

// A time without a zone as one of UTC (to kTimestampTz), or a time as UTC's clock shows it (to
// kTimestamp).
Expression InUtc(const Expression& value, TypeKind kind);
// A whole number divided and rounded down, where DuckDB rounds towards zero.
Expression DivideDown(const Expression& value, std::int64_t divisor);

// Brings all to one type; false where Spark would cast a value in a way that is not followed.
bool Unify(std::vector<Expression>& values);

}  // namespace st::dialect::spark
