// What an expression asks of the subqueries in it. Pure.
//
// Threads: one.
// Errors:  kInvalidArgument with place, line and caret.
#pragma once

#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/generators.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

// Translates subqueries; `outer` has the columns of the query around one.
class Subqueries {
 public:
  virtual ~Subqueries() = default;
  // Of a kSubquery: the value of its one row; NULL where there is none.
  virtual Result<Expression> Value(const Expr& subquery, Scope& outer) = 0;
  // Of a kExists: whether there is a row.
  virtual Result<Expression> Exists(const Expr& exists, Scope& outer) = 0;
  // Of a kIn with a query, by its is_negated: whether a row equals `values`, or none does. As in
  // Spark both are false where only a NULL hides it.
  virtual Result<Expression> IsAmong(const Expr& in, const std::vector<Expression>& values,
                                     Scope& outer) = 0;
  // The rows that a lateral join adds to a row around it.
  virtual Result<Generator> Joined(const LateralJoin& join, Scope& outer) = 0;
};

}  // namespace st::dialect::spark
