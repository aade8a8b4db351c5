// Values that are compared, brought to one type as Spark does it. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

// Casts the values, of which the first ones are those of `expr`.args; or says why not.
// Errors: kInvalidArgument with the place of `expr`.
Status MakeComparable(const SourceText& source, const Expr& expr, std::vector<Expression>& values);

// "INT and STRING", each type once.
std::string TypesOf(const std::vector<Expression>& values);

}  // namespace st::dialect::spark
