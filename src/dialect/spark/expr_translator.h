// Inside the translator: expressions, bottom up, each with its Spark type. Pure.
#pragma once

#include "dialect/spark/typed.h"

namespace st::dialect::spark {

class ExprTranslator {
 public:
  ExprTranslator(const SourceText& source, Scope& scope) : source_(source), scope_(scope) {}
  Result<Typed> Translate(const Expr& expr);

 private:
  std::unexpected<Error> Wrong(const Expr& expr, std::string_view message) const {
    return std::unexpected(source_.At(expr.position, message));
  }
  Result<Typed> Dispatch(const Expr& expr);
  Result<std::vector<Typed>> Arguments(const Expr& expr);
  Result<Typed> Number(const Expr& expr, bool is_negative);
  Result<Typed> TypedLiteral(const Expr& expr);
  Result<Typed> Unary(const Expr& expr);
  Result<Typed> Binary(const Expr& expr);
  Result<Typed> Logic(const Expr& expr);
  Result<Typed> Arithmetic(const Expr& expr);
  Result<Typed> Comparison(const Expr& expr);
  Result<Typed> Concatenation(const Expr& expr);
  Result<Typed> CastExpr(const Expr& expr);
  Result<Typed> Case(const Expr& expr);
  Result<Typed> In(const Expr& expr);
  Result<Typed> Between(const Expr& expr);
  Result<Typed> Like(const Expr& expr);
  Result<Typed> Is(const Expr& expr);
  Result<Typed> Condition(const Expr& expr);
  // Brings two compared values to one type, or says why not.
  Status Comparable(const Expr& expr, std::vector<Typed>& values);

  const SourceText& source_;
  Scope& scope_;
};

}  // namespace st::dialect::spark
