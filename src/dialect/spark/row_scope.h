// What names mean in a subquery: columns of its rows, then those of the query around it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/scopes.h"
#include "dialect/spark/subquery_rows.h"

namespace st::dialect::spark {

// Owner: what it is made of must outlive it.
class RowScope final : public SelectScope {
 public:
  // `outer`: nullptr where columns around the subquery are not seen.
  RowScope(const SourceText& source, const std::vector<RowColumn>& columns, Scope* outer,
           Subqueries* subqueries)
      : SelectScope(subqueries), source_(source), columns_(columns), outer_(outer) {}

  Result<Expression> Column(const Expr& expr) override;
  bool IsRelation(std::string_view name) const override;
  Result<Expression> ValueText(const Expr& column) override;
  Expression Extract(const std::string& path) override;
  Result<Expression> ColumnForSubquery(const Expr& column) override;
  Result<Expression> ValueTextForSubquery(const Expr& column) override;
  void Remember(const std::string& name, const Expression& value) override;
  std::vector<NamedValue> Star(std::string_view qualifier) override;

  // Refuses columns around the subquery with `message`.
  void HideOuter(std::string_view message) { hidden_ = message; }
  // Whether a column around the subquery was read.
  bool reads_outer() const { return reads_outer_; }

 private:
  Result<std::optional<Expression>> Own(const Expr& expr) const;
  Result<Expression> AsText(const Expr& column, const Expression& value) const;
  std::unexpected<Error> Unknown(const Expr& expr) const;

  const SourceText& source_;
  const std::vector<RowColumn>& columns_;
  Scope* const outer_;
  std::string_view hidden_;  // "": they are seen
  bool reads_outer_ = false;
};

}  // namespace st::dialect::spark
