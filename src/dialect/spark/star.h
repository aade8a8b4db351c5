// What value.* is in a SELECT. Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/scopes.h"

namespace st::dialect::spark {

// The fields of the struct that stands before the star. `constants` as in constants.h.
// Errors: kInvalidArgument with the place, where none stands there.
Result<std::vector<NamedValue>> FieldsOfStar(const SourceText& source, Scope& scope,
                                             const Expr& star, std::vector<Constant>& constants);

}  // namespace st::dialect::spark
