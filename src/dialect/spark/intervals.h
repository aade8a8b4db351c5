// Spark's intervals as types and values of a plan: of years and months, of days and seconds, and
// those of make_interval. Pure.
//
// Errors: kInvalidArgument or kUnsupported without a place.
#pragma once

#include <optional>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/ast.h"
#include "spark_values/interval.h"

namespace st::dialect::spark {

// INTERVAL YEAR TO MONTH, INTERVAL DAY TO SECOND, or a part of either.
Type IntervalType(spark_values::IntervalRange range);
Type CalendarType();
// Requires: the type is one of IntervalType().
spark_values::IntervalRange RangeOf(const Type& interval);
// "INTERVAL DAY TO SECOND"; "INTERVAL" of those of make_interval.
std::string IntervalName(const Type& interval);
// INTERVAL DAY TO HOUR of INTERVAL DAY and INTERVAL HOUR; nullopt: of other kinds.
std::optional<Type> CommonInterval(const Type& a, const Type& b);

// A kInterval.
Result<Expression> IntervalLiteral(const Expr& expr);
// A cast from or to an interval.
Result<Expression> CastInterval(const Expression& value, const Type& to, bool is_try);
// The same value under another type that is stored alike.
Expression As(const Expression& value, Type type);
// The microseconds that one of the last field of the interval has, or its months.
std::int64_t UnitOf(spark_values::IntervalField field);

}  // namespace st::dialect::spark
