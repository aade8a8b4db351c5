// Spark expressions as plans, bottom up: names, types and coercions by Spark's rules. Pure.
//
// Limits: kMaxSqlBytes and kMaxPlanDepth of each expression (limits.h).
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/functions.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

class ExprTranslator : private Lambdas {
 public:
  // `constants` gets those of what is translated.
  ExprTranslator(const SourceText& source, Scope& scope, std::vector<Constant>& constants)
      : source_(source), scope_(scope), constants_(constants) {}
  Result<Expression> Translate(const Expr& expr);

 private:
  Expression NewVariable(const Type& type) override;
  Result<Expression> Body(const Expr& lambda, const std::vector<Expression>& parameters) override;
  // Gives an error without a place that of `expr`.
  Result<Expression> At(const Expr& expr, Result<Expression> made) const {
    if (made) return made;
    return Wrong(expr, made.error().message());
  }
  std::unexpected<Error> Wrong(const Expr& expr, std::string_view message) const {
    return std::unexpected(source_.At(expr.position, message));
  }
  Result<Expression> Dispatch(const Expr& expr);
  Result<std::vector<Expression>> Arguments(const Expr& expr);
  Result<Expression> Column(const Expr& expr);
  Result<Expression> Unary(const Expr& expr);
  Result<Expression> Binary(const Expr& expr);
  Result<Expression> Logic(const Expr& expr);
  Result<Expression> Arithmetic(const Expr& expr);
  Result<Expression> Comparison(const Expr& expr);
  Result<Expression> Concatenation(const Expr& expr);
  Result<Expression> CastExpr(const Expr& expr);
  Result<Expression> Case(const Expr& expr);
  Result<Expression> In(const Expr& expr);
  Result<Expression> Row(const Expr& expr);
  Result<Expression> Subquery(const Expr& expr, const std::vector<Expression>& values);
  Result<Expression> Between(const Expr& expr);
  Result<Expression> Like(const Expr& expr);
  Result<Expression> Is(const Expr& expr);
  Result<Expression> Condition(const Expr& expr);

  const SourceText& source_;
  Scope& scope_;
  ConstantFinder constants_;
  std::vector<std::pair<std::string, Expression>> variables_;  // of the lambdas around
  int last_variable_ = 0;
};

}  // namespace st::dialect::spark
