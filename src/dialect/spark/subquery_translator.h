// Subqueries over a record's own values as plans: SELECTs without FROM, over VALUES, generators and
// queries of these. What reads a stream, or looks at more than one record, is refused. Pure.
//
// As in Spark a subquery sees the columns of the query right around it, and no others outside.
//
// Limits: kMaxQueryDepth, kMaxReadSelects, kMaxSqlBytes (limits.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/row_scope.h"
#include "dialect/spark/subqueries.h"
#include "dialect/spark/subquery_rows.h"

namespace st::dialect::spark {

// What all queries of one statement count together.
struct StatementCounts {
  int selects = 0;  // read so far, those of a view or of WITH each time
  RowVariables variables;
};

// Owner: `source` and `counts` must outlive it.
class SubqueryTranslator final : public Subqueries {
 public:
  // `with`: the queries of WITH that the query around sees, the nearest last.
  SubqueryTranslator(const SourceText& source, const std::vector<const NamedQuery*>& with,
                     StatementCounts& counts);

  Result<Expression> Value(const Expr& subquery, Scope& outer) override;
  Result<Expression> Exists(const Expr& exists, Scope& outer) override;
  Result<Expression> IsAmong(const Expr& in, const std::vector<Expression>& values,
                             Scope& outer) override;
  Result<Generator> Joined(const LateralJoin& join, Scope& outer) override;

 private:
  // A query of WITH, and what its expressions see outside.
  struct Named {
    const NamedQuery* query = nullptr;
    Scope* outer = nullptr;
  };
  using With = std::vector<Named>;

  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source_.At(position, message));
  }
  RowScope ScopeOf(const SubqueryRows& rows, Scope* outer) {
    return {source_, rows.columns, outer, this};
  }
  Result<SubqueryRows> OfQuery(const Query& query, Scope* outer);
  Result<SubqueryRows> OfVisible(const Query& query, With with, Scope* outer);
  Result<SubqueryRows> OfSelect(const SelectStatement& select, Scope* outer);
  Result<SubqueryRows> United(const Query& query, std::vector<SubqueryRows> parts);
  Result<SubqueryRows> From(const Source& from, Scope* outer);
  Result<SubqueryRows> FromName(const Source& from);
  Result<SubqueryRows> Values(const Source& from, Scope* outer);
  Result<SubqueryRows> Generated(const Expr& call, bool is_outer, RowScope& scope);
  Result<SubqueryRows> Lateral(const LateralJoin& join, Scope& outer);
  Status AddViews(const SelectStatement& select, SubqueryRows& rows, Scope* outer);
  Status AddWhere(const SelectStatement& select, SubqueryRows& rows, Scope* outer);
  Status AddItems(const SelectStatement& select, SubqueryRows& rows, Scope* outer);
  Status AddGenerator(const SelectStatement& select, SubqueryRows& rows, Scope* outer,
                      std::vector<RowColumn>& made);
  Result<std::vector<RowColumn>> Star(const Expr& star, RowScope& scope);
  Status Rename(std::size_t position, std::string_view relation,
                const std::vector<std::string>& names, SubqueryRows& rows) const;

  const SourceText& source_;
  StatementCounts& counts_;
  With with_;  // that the query sees which is translated
  int depth_ = 0;
  std::vector<Constant> constants_;  // those below a subquery are evaluated with its rows
};

}  // namespace st::dialect::spark
