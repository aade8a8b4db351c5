// What names mean in a SELECT and its WHERE: over a stream, and over other rows. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

using NamedValue = std::pair<std::string, Expression>;

// A scope of a SELECT's columns.
//
// Owner: `subqueries` must outlive it.
class SelectScope : public Scope {
 public:
  explicit SelectScope(Subqueries* subqueries) : subqueries_(subqueries) {}
  Subqueries* subqueries() override { return subqueries_; }
  Result<Expression> ColumnForSubquery(const Expr& column) override;
  // A later expression of the same SELECT may use the name for this expression, unless a column has
  // the name.
  virtual void Remember(const std::string& name, const Expression& value) = 0;
  // The columns of *, or of `qualifier`.*; none: there is no such relation.
  virtual std::vector<NamedValue> Star(std::string_view qualifier) = 0;

 protected:
  std::vector<NamedValue> earlier_;  // what Remember() was told

 private:
  Subqueries* const subqueries_;
};

// The columns of the stream, which SELECT and WHERE both see.
class StreamScope : public SelectScope {
 public:
  StreamScope(const SourceText& source, const SelectStatement& select, bool is_json,
              Subqueries* subqueries)
      : SelectScope(subqueries), source_(source), select_(select), is_json_(is_json) {}

  Result<Expression> Column(const Expr& expr) override;
  bool IsRelation(std::string_view name) const override;
  Result<Expression> ValueText(const Expr& column) override;
  void Remember(const std::string& name, const Expression& value) override;
  std::vector<NamedValue> Star(std::string_view qualifier) override;

  // The columns of st_source() that the expressions use, by their SQL.
  const std::map<std::string, Expression>& used() const { return used_; }

 protected:
  virtual Result<std::optional<Expression>> OtherName(const Expr& expr) = 0;
  // What the worker's function takes from the value.
  Expression Extracted(std::string_view function, std::string_view paths) const;

  const SourceText& source_;
  const SelectStatement& select_;

 private:
  const Expression& Used(const Expression& column);
  std::string_view Name() const;
  Status CheckQualifier(const Expr& expr) const;
  std::unexpected<Error> Unknown(const Expr& expr) const;

  const bool is_json_;
  std::map<std::string, Expression> used_;
};

// WHERE is evaluated below the SELECT, so it extracts each field where it is used.
class StreamWhereScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;
  Expression Extract(const std::string& path) override;

 protected:
  Result<std::optional<Expression>> OtherName(const Expr& expr) override;
};

// Extracts all fields of the SELECT in one pass over each value, as elements of one list.
class StreamSelectScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;
  Expression Extract(const std::string& path) override;
  bool takes_fields() const { return !paths_.empty(); }
  NamedValue Fields() const;

 protected:
  Result<std::optional<Expression>> OtherName(const Expr& expr) override;

 private:
  std::vector<std::string> paths_;
};

struct RelationColumn {
  std::string relation;  // the name that may stand before the column's; "" if there is none
  std::string name;
  Type type;
};

// The column beside those of a stream that holds the value as text.
inline constexpr std::string_view kValueTextColumn = "st_value_text";

// The rows of a query or of a lateral view.
class RelationScope final : public SelectScope {
 public:
  // `has_value_text`: kValueTextColumn is there.
  RelationScope(const SourceText& source, const std::vector<RelationColumn>& columns,
                bool has_value_text, Subqueries* subqueries)
      : SelectScope(subqueries),
        source_(source),
        columns_(columns),
        has_value_text_(has_value_text) {}

  Result<Expression> Column(const Expr& expr) override;
  bool IsRelation(std::string_view name) const override;
  Result<Expression> ValueText(const Expr& column) override;
  Expression Extract(const std::string& path) override;
  void Remember(const std::string& name, const Expression& value) override;
  std::vector<NamedValue> Star(std::string_view qualifier) override;

 private:
  std::unexpected<Error> Unknown(const Expr& expr) const;

  const SourceText& source_;
  const std::vector<RelationColumn>& columns_;
  const bool has_value_text_;
};

// The columns of Spark's Kafka source that st_source() has.
std::vector<NamedValue> StreamColumns();

}  // namespace st::dialect::spark
