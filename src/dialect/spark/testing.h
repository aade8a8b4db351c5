// Test helper: one expression of Spark's as DuckDB SQL, over the columns t STRING, i INT, n BIGINT,
// d DOUBLE, m DECIMAL(9,2), b BOOLEAN, x BINARY, day DATE and at TIMESTAMP.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/emit.h"
#include "dialect/spark/expr_parser.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {

class ColumnsOfEachType final : public Scope {
 public:
  static Expression Named(std::string_view name) {
    static const std::array<std::pair<std::string_view, Type>, 9> columns = {
        {{"t", {.kind = TypeKind::kString}},
         {"i", {.kind = TypeKind::kInt}},
         {"n", {.kind = TypeKind::kLong}},
         {"d", {.kind = TypeKind::kDouble}},
         {"m", {.kind = TypeKind::kDecimal, .precision = 9, .scale = 2}},
         {"b", {.kind = TypeKind::kBoolean}},
         {"x", {.kind = TypeKind::kBinary}},
         {"day", {.kind = TypeKind::kDate}},
         {"at", {.kind = TypeKind::kTimestampTz}}}};
    const auto* const found =
        std::ranges::find(columns, name, &std::pair<std::string_view, Type>::first);
    return found == columns.end() ? Expression::Null()
                                  : Expression::PlainColumn(name, found->second);
  }

  Result<Expression> Column(const Expr& column) override { return Named(column.text); }
  bool IsRelation(std::string_view) const override { return false; }
  Result<Expression> ValueText(const Expr&) override { return spark::ValueText(); }
  Expression Extract(const std::string& path) override {
    return Expression::Call("extract", {Expression::Text(path)}, {.kind = TypeKind::kString});
  }
};

inline Result<Expression> PlanOf(std::string_view text) {
  const SourceText source("x.sql", std::string(text));
  ST_TRY(auto tokens, Tokenize(source));
  TokenCursor cursor(source, std::move(tokens));
  ST_TRY(const auto expr, ParseExpression(cursor));
  ColumnsOfEachType scope;
  std::vector<Constant> constants;
  return ExprTranslator(source, scope, constants).Translate(expr);
}

// "lower(t) STRING", with a ! behind the type of what may fail; or the error's first line.
inline std::string SqlOf(std::string_view text) {
  const auto plan = PlanOf(text);
  if (!plan) return plan.error().message().substr(0, plan.error().message().find('\n'));
  return fmt::format("{} {}{}", ToSql(*plan), SparkName(plan->type), plan->can_fail ? "!" : "");
}

}  // namespace st::dialect::spark
