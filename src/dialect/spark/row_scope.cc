#include "dialect/spark/row_scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "dialect/spark/casts.h"

namespace st::dialect::spark {

Result<Expression> RowScope::Column(const Expr& expr) {
  ST_TRY(auto own, Own(expr));
  if (own) return *std::move(own);
  if (expr.qualifier.empty()) {
    for (const auto& [name, value] : earlier_) {
      if (EqualsIgnoreCase(name, expr.text)) return value;
    }
  }
  if (outer_ == nullptr) return Unknown(expr);
  auto outer = outer_->ColumnForSubquery(expr);
  if (!outer) return columns_.empty() ? outer : Unknown(expr);
  if (!hidden_.empty()) return std::unexpected(source_.At(expr.position, hidden_));
  reads_outer_ = true;
  return outer;
}

bool RowScope::IsRelation(std::string_view name) const {
  const auto is_own = [&](const RowColumn& column) {
    return EqualsIgnoreCase(column.relation, name);
  };
  if (std::ranges::any_of(columns_, is_own)) return true;
  const auto is_column = [&](const RowColumn& column) {
    return EqualsIgnoreCase(column.name, name);
  };
  if (std::ranges::any_of(columns_, is_column)) return false;
  return outer_ != nullptr && outer_->IsRelation(name);
}

Result<Expression> RowScope::ValueText(const Expr& column) {
  ST_TRY(const auto own, Own(column));
  if (own) return AsText(column, *own);
  if (outer_ == nullptr) return Unknown(column);
  if (!hidden_.empty()) return std::unexpected(source_.At(column.position, hidden_));
  reads_outer_ = true;
  return outer_->ValueTextForSubquery(column);
}

Expression RowScope::Extract(const std::string& path) {
  return outer_ == nullptr ? Expression::Null() : outer_->Extract(path);
}

Result<Expression> RowScope::ColumnForSubquery(const Expr& column) {
  ST_TRY(auto own, Own(column));
  if (own) return *std::move(own);
  return Unknown(column);
}

Result<Expression> RowScope::ValueTextForSubquery(const Expr& column) {
  ST_TRY(const auto own, Own(column));
  if (own) return AsText(column, *own);
  return Unknown(column);
}

void RowScope::Remember(const std::string& name, const Expression& value) {
  earlier_.emplace_back(name, value);
}

std::vector<NamedValue> RowScope::Star(std::string_view qualifier) {
  std::vector<NamedValue> columns;
  for (const auto& column : columns_) {
    if (!qualifier.empty() && !EqualsIgnoreCase(column.relation, qualifier)) continue;
    columns.emplace_back(column.name, column.value);
  }
  return columns;
}

Result<std::optional<Expression>> RowScope::Own(const Expr& expr) const {
  std::optional<Expression> found;
  for (const auto& column : columns_) {
    if (column.name.empty() || !EqualsIgnoreCase(column.name, expr.text)) continue;
    if (!expr.qualifier.empty() && !EqualsIgnoreCase(column.relation, expr.qualifier)) continue;
    if (found) {
      return std::unexpected(source_.At(
          expr.position, fmt::format("two columns are called '{}' (AMBIGUOUS_REFERENCE); write the "
                                     "name of what is read before it",
                                     expr.text)));
    }
    found = column.value;
  }
  return found;
}

Result<Expression> RowScope::AsText(const Expr& column, const Expression& value) const {
  auto cast = Cast(value, {.kind = TypeKind::kString}, false);
  if (!cast) return std::unexpected(source_.At(column.position, cast.error().message()));
  return cast;
}

std::unexpected<Error> RowScope::Unknown(const Expr& expr) const {
  std::vector<std::string> names;
  std::string list;
  for (const auto& column : columns_) {
    if (column.name.empty()) continue;
    names.push_back(column.name);
    list += (list.empty() ? "" : ", ") + column.name;
  }
  const auto nearest = NearestName(expr.text, names);
  return std::unexpected(source_.At(
      expr.position,
      fmt::format("column '{}{}{}' does not exist here (UNRESOLVED_COLUMN){}; a subquery sees its "
                  "own columns{}{} and those of the query right around it",
                  expr.qualifier, expr.qualifier.empty() ? "" : ".", expr.text,
                  nearest ? fmt::format("; did you mean {}?", *nearest) : "",
                  list.empty() ? "" : ", ", list + (list.empty() ? "" : ","))));
}

}  // namespace st::dialect::spark
