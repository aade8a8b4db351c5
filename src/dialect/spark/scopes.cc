#include "dialect/spark/scopes.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "base/json_text.h"
#include "base/record_columns.h"
#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/function_table.h"

namespace st::dialect::spark {
namespace {

// The columns of Spark's Kafka source, except headers, which are not supported yet: st_source() has
// them and a column of our own.
auto SparkColumns() {
  return std::views::filter(kSourceColumns, [](const FixedColumn& column) {
    return column.name != ColumnOf(SourceColumn::kValueText).name;
  });
}

Expression ExpressionOf(const FixedColumn& column) {
  // The words that DuckDB takes without quotes.
  constexpr std::array<std::string_view, 3> kPlain{"key", "value", "topic"};
  const Type type{.kind = column.kind};
  return std::ranges::count(kPlain, column.name) > 0 ? Expression::PlainColumn(column.name, type)
                                                     : Expression::Column(column.name, type);
}

const FixedColumn* FindSparkColumn(std::string_view name) {
  for (const auto& column : SparkColumns()) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::unexpected<Error> NoColumn(const SourceText& source, const Expr& expr,
                                const std::vector<std::string>& names, std::string_view owner) {
  if (IsClockFunction(AsciiLower(expr.text))) {
    return std::unexpected(source.At(expr.position, ClockMessage(AsciiLower(expr.text))));
  }
  const auto nearest = NearestName(expr.text, names);
  return std::unexpected(source.At(
      expr.position, fmt::format("column '{}' does not exist{}; {} has {}", expr.text,
                                 nearest ? fmt::format("; did you mean {}?", *nearest) : "", owner,
                                 Listed(names))));
}

// A column of the inner SELECT: it holds a list of the texts at all paths that the outer SELECT
// takes.
constexpr std::string_view kFields = "fields";

const NamedValue* Find(const std::vector<NamedValue>& values, std::string_view name) {
  for (const auto& value : values) {
    if (EqualsIgnoreCase(value.first, name)) return &value;
  }
  return nullptr;
}

}  // namespace

std::vector<NamedValue> StreamColumns() {
  std::vector<NamedValue> columns;
  for (const auto& column : SparkColumns()) {
    columns.emplace_back(column.name, ExpressionOf(column));
  }
  return columns;
}

Result<Expression> SelectScope::ColumnForSubquery(const Expr& column) {
  auto earlier = std::exchange(earlier_, {});
  auto made = Column(column);
  earlier_ = std::move(earlier);
  return made;
}

Result<Expression> StreamScope::Column(const Expr& expr) {
  ST_TRY_STATUS(CheckQualifier(expr));
  if (const auto* column = FindSparkColumn(expr.text)) return Used(ExpressionOf(*column));
  if (expr.qualifier.empty()) {
    ST_TRY(auto other, OtherName(expr));
    if (other) return std::move(*other);
  }
  return Unknown(expr);
}

bool StreamScope::IsRelation(std::string_view name) const { return EqualsIgnoreCase(name, Name()); }

Result<Expression> StreamScope::ValueText(const Expr& column) {
  ST_TRY_STATUS(CheckQualifier(column));
  Used(spark::ValueText());
  if (is_json_) return spark::ValueText();
  Used(ExpressionOf(ColumnOf(SourceColumn::kValue)));
  return DecodedValueText();
}

void StreamScope::Remember(const std::string& name, const Expression& value) {
  if (FindSparkColumn(name) == nullptr) earlier_.emplace_back(name, value);
}

std::vector<NamedValue> StreamScope::Star(std::string_view qualifier) {
  if (!qualifier.empty() && !IsRelation(qualifier)) return {};
  std::vector<NamedValue> columns = StreamColumns();
  for (const auto& column : columns) Used(column.second);
  return columns;
}

Expression StreamScope::Extracted(std::string_view function, std::string_view paths) const {
  return Expression::Call(
      function, {is_json_ ? spark::ValueText() : DecodedValueText(), Expression::Text(paths)},
      {.kind = TypeKind::kString});
}

const Expression& StreamScope::Used(const Expression& column) {
  return used_.emplace(ToSql(column), column).first->second;
}

std::string_view StreamScope::Name() const {
  return select_.from.alias.empty() ? select_.from.name : select_.from.alias;
}

Status StreamScope::CheckQualifier(const Expr& expr) const {
  if (expr.qualifier.empty() || IsRelation(expr.qualifier)) return {};
  return std::unexpected(source_.At(
      expr.position,
      fmt::format("'{}' names no stream here; the stream is called {}", expr.qualifier, Name())));
}

std::unexpected<Error> StreamScope::Unknown(const Expr& expr) const {
  if (EqualsIgnoreCase(expr.text, "headers")) {
    return std::unexpected(source_.At(expr.position, "the column headers is not supported yet"));
  }
  std::vector<std::string> names;
  for (const auto& column : SparkColumns()) names.emplace_back(column.name);
  return NoColumn(source_, expr, names, "a stream");
}

Expression StreamWhereScope::Extract(const std::string& path) {
  return Extracted("spark_json_path", path);
}

Result<std::optional<Expression>> StreamWhereScope::OtherName(const Expr& expr) {
  for (const auto& item : select_.items) {
    if (item.alias && EqualsIgnoreCase(*item.alias, expr.text)) {
      return std::unexpected(source_.At(
          expr.position, fmt::format("'{}' is made by the SELECT, which comes after WHERE; "
                                     "repeat its expression here",
                                     expr.text)));
    }
  }
  return std::optional<Expression>();
}

Expression StreamSelectScope::Extract(const std::string& path) {
  const auto at = std::ranges::find(paths_, path);
  const auto index = at - paths_.begin();
  if (at == paths_.end()) paths_.push_back(path);
  return Expression::Element(Expression::PlainColumn(kFields, {}),
                             static_cast<std::size_t>(index) + 1, {.kind = TypeKind::kString});
}

NamedValue StreamSelectScope::Fields() const {
  std::string paths;
  for (const auto& path : paths_) {
    paths += paths.empty() ? '[' : ',';
    AppendJsonString(path, paths);
  }
  return {std::string(kFields), Extracted("spark_json_fields", paths + "]")};
}

Result<std::optional<Expression>> StreamSelectScope::OtherName(const Expr& expr) {
  const auto* earlier = Find(earlier_, expr.text);
  return earlier == nullptr ? std::optional<Expression>() : std::optional(earlier->second);
}

Result<Expression> RelationScope::Column(const Expr& expr) {
  const RelationColumn* found = nullptr;
  for (const auto& column : columns_) {
    if (!EqualsIgnoreCase(column.name, expr.text)) continue;
    if (!expr.qualifier.empty() && !EqualsIgnoreCase(column.relation, expr.qualifier)) continue;
    found = &column;
  }
  if (found != nullptr) return Expression::Column(found->name, found->type);
  if (expr.qualifier.empty()) {
    if (const auto* earlier = Find(earlier_, expr.text)) return earlier->second;
  }
  return Unknown(expr);
}

bool RelationScope::IsRelation(std::string_view name) const {
  return std::ranges::any_of(columns_, [&](const RelationColumn& column) {
    return EqualsIgnoreCase(column.relation, name);
  });
}

Result<Expression> RelationScope::ValueText(const Expr& column) {
  const Type text{.kind = TypeKind::kString};
  ST_TRY(const auto value, Column(column));
  if (has_value_text_ && value == Expression::Column("value", value.type)) {
    return Expression::PlainColumn(kValueTextColumn, text);
  }
  auto cast = Cast(value, text, false);
  if (!cast) return std::unexpected(source_.At(column.position, cast.error().message()));
  return cast;
}

// No text of a relation is the record's value as the reader gives it, so no path comes here.
Expression RelationScope::Extract(const std::string&) { return Expression::Null(); }

void RelationScope::Remember(const std::string& name, const Expression& value) {
  earlier_.emplace_back(name, value);
}

std::vector<NamedValue> RelationScope::Star(std::string_view qualifier) {
  std::vector<NamedValue> columns;
  for (const auto& column : columns_) {
    if (!qualifier.empty() && !EqualsIgnoreCase(column.relation, qualifier)) continue;
    columns.emplace_back(column.name, Expression::Column(column.name, column.type));
  }
  return columns;
}

std::unexpected<Error> RelationScope::Unknown(const Expr& expr) const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  if (!expr.qualifier.empty() && !IsRelation(expr.qualifier)) {
    return std::unexpected(
        source_.At(expr.position, fmt::format("'{}' names nothing here", expr.qualifier)));
  }
  return NoColumn(source_, expr, names, "what is read");
}

}  // namespace st::dialect::spark
