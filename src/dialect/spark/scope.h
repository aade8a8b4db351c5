// What the names in an expression mean, and the record's value as text. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

class Subqueries;

// What a name means and where JSON fields are taken: differs between SELECT and WHERE.
class Scope {
 public:
  virtual ~Scope() = default;
  virtual Result<Expression> Column(const Expr& column) = 0;
  // Whether columns may have this name before them.
  virtual bool IsRelation(std::string_view name) const = 0;
  // CAST(value AS STRING), for the column as written.
  virtual Result<Expression> ValueText(const Expr& column) = 0;
  // The text at a path without wildcards (spark_values/json_path.h) of the record's value.
  virtual Expression Extract(const std::string& path) = 0;

  // The same for a subquery, which sees the columns of the query around it, but not the names that
  // the SELECT gives, nor what is further outside.
  virtual Result<Expression> ColumnForSubquery(const Expr& column) { return Column(column); }
  virtual Result<Expression> ValueTextForSubquery(const Expr& column) { return ValueText(column); }
  // nullptr: no subquery is taken here.
  virtual Subqueries* subqueries() { return nullptr; }
};

// The columns of st_source() that are not columns of Spark's (base/record_columns.h).
Expression ValueText();         // value_text: NULL where the value is not UTF-8
Expression DecodedValueText();  // the same, with U+FFFD for bytes that are not UTF-8
// Is one of the two, so that the scope can take its fields.
bool IsValueText(const Expression& expression);

}  // namespace st::dialect::spark
