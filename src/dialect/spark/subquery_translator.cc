#include "dialect/spark/subquery_translator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/comparison.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/star.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

// Sets a value back at the end of its block, whatever error ends it.
template <class T>
class Restored {
 public:
  explicit Restored(T& value) : value_(value), before_(value) {}
  ~Restored() { value_ = std::move(before_); }
  Restored(const Restored&) = delete;
  Restored& operator=(const Restored&) = delete;

 private:
  T& value_;
  T before_;
};

const SelectItem* GeneratorOf(const SelectStatement& select) {
  const auto found = std::ranges::find_if(select.items, [](const SelectItem& item) {
    return item.expr.kind == ExprKind::kCall && IsGenerator(item.expr.text);
  });
  return found == select.items.end() ? nullptr : &*found;
}

std::string NameOf(const SelectItem& item) {
  if (item.alias) return *item.alias;
  const bool has_name = item.expr.kind == ExprKind::kColumn || item.expr.kind == ExprKind::kField;
  return has_name ? item.expr.text : std::string();
}

}  // namespace

SubqueryTranslator::SubqueryTranslator(const SourceText& source,
                                       const std::vector<const NamedQuery*>& with,
                                       StatementCounts& counts)
    : source_(source), counts_(counts) {
  for (const auto* named : with) with_.push_back({.query = named, .outer = nullptr});
}

Result<Expression> SubqueryTranslator::Value(const Expr& subquery, Scope& outer) {
  ST_TRY(const auto rows, OfQuery(*subquery.query, &outer));
  if (rows.columns.size() != 1) {
    return Wrong(subquery.position,
                 fmt::format("a subquery that is a value has one column, not {} "
                             "(SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN)",
                             rows.columns.size()));
  }
  return OneValue(rows, counts_.variables);
}

Result<Expression> SubqueryTranslator::Exists(const Expr& exists, Scope& outer) {
  ST_TRY(const auto rows, OfQuery(*exists.query, &outer));
  return HasRow(rows);
}

Result<Expression> SubqueryTranslator::IsAmong(const Expr& in,
                                               const std::vector<Expression>& values,
                                               Scope& outer) {
  ST_TRY(auto rows, OfQuery(*in.query, &outer));
  if (rows.columns.size() != values.size()) {
    return Wrong(in.position,
                 fmt::format("IN compares {} values with the {} columns of its subquery "
                             "(IN_SUBQUERY_LENGTH_MISMATCH)",
                             values.size(), rows.columns.size()));
  }
  std::vector<Expression> tests;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Expression& column = rows.columns[i].value;
    std::vector<Expression> both = {values[i], column};
    const auto compared = MakeComparable(source_, Make(ExprKind::kIn, in.position), both);
    if (!compared && values[i].type == column.type) return std::unexpected(compared.error());
    if (!compared) {
      return Wrong(in.position, fmt::format("IN compares {} with {} of its subquery "
                                            "(IN_SUBQUERY_DATA_TYPE_MISMATCH); write CAST(… AS …)",
                                            SparkName(values[i].type), SparkName(column.type)));
    }
    tests.push_back(Expression::Apply(Operator::kEqual, std::move(both)).InBrackets());
  }
  Expression is_equal = tests.size() == 1 ? tests[0] : Expression::Apply(Operator::kAnd, tests);
  if (!in.is_negated) {
    rows.where = Both(rows.where, std::move(is_equal));
    return HasRow(rows);
  }
  rows.where = Both(rows.where, Expression::Apply(Operator::kIsNotFalse, {std::move(is_equal)}));
  return Expression::Apply(Operator::kNot, {HasRow(rows)}).InBrackets();
}

Result<Generator> SubqueryTranslator::Joined(const LateralJoin& join, Scope& outer) {
  ST_TRY(const auto rows, Lateral(join, outer));
  Generator made;
  for (const auto& column : rows.columns) {
    made.columns.emplace_back(column.name, column.value.type);
    made.fields.push_back(FieldOfRow(made.fields.size()));
  }
  made.list = ListOfRows(rows, ValuesOf(rows));
  made.has_structs = rows.columns.size() > 1;
  return made;
}

Result<SubqueryRows> SubqueryTranslator::OfQuery(const Query& query, Scope* outer) {
  return OfVisible(query, with_, outer);
}

Result<SubqueryRows> SubqueryTranslator::OfVisible(const Query& query, With with, Scope* outer) {
  const Restored<int> depth(depth_);
  if (++depth_ > kMaxQueryDepth) {
    return Wrong(query.begin, fmt::format("queries are nested deeper than {} levels, those of WITH "
                                          "with what they read counted",
                                          kMaxQueryDepth));
  }
  const Restored<With> before(with_);
  for (const auto& named : query.with) with.push_back({.query = &named, .outer = outer});
  with_ = std::move(with);
  std::vector<SubqueryRows> parts;
  for (const auto& select : query.selects) {
    ST_TRY(auto part, OfSelect(select, outer));
    parts.push_back(std::move(part));
  }
  if (parts.size() == 1) return std::move(parts[0]);
  return United(query, std::move(parts));
}

Result<SubqueryRows> SubqueryTranslator::OfSelect(const SelectStatement& select, Scope* outer) {
  if (++counts_.selects > kMaxReadSelects) {
    return Wrong(select.position,
                 fmt::format("a statement reads at most {} SELECTs, those of a view or of WITH "
                             "counted each time that it is read",
                             kMaxReadSelects));
  }
  ST_TRY(auto rows, From(select.from, outer));
  for (const auto& join : select.joins) {
    RowScope scope = ScopeOf(rows, outer);
    ST_TRY(const auto joined, Lateral(join, scope));
    rows = spark::Joined(rows, joined, counts_.variables);
  }
  ST_TRY_STATUS(AddViews(select, rows, outer));
  ST_TRY_STATUS(AddWhere(select, rows, outer));
  ST_TRY_STATUS(AddItems(select, rows, outer));
  return rows;
}

// UNION ALL: columns by their places, with the first one's names.
Result<SubqueryRows> SubqueryTranslator::United(const Query& query,
                                                std::vector<SubqueryRows> parts) {
  const std::vector<RowColumn> first = parts[0].columns;
  std::vector<std::vector<Expression>> values;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    values.push_back(ValuesOf(parts[i]));
    if (values[i].size() == first.size()) continue;
    return Wrong(query.selects[i].position,
                 fmt::format("UNION ALL of {} and {} columns", first.size(), values[i].size()));
  }
  std::vector<RowColumn> columns = first;
  for (std::size_t c = 0; c < first.size(); ++c) {
    std::vector<Expression> of_column;
    for (const auto& row : values) of_column.push_back(row[c]);
    if (!Unify(of_column)) {
      return Wrong(query.selects[1].position,
                   fmt::format("column {} of UNION ALL has types that Spark does not bring "
                               "together; write CAST(… AS …)",
                               c + 1));
    }
    columns[c].value = of_column[0];
    for (std::size_t i = 0; i < parts.size(); ++i) values[i][c] = of_column[i];
  }
  std::vector<Expression> lists;
  for (std::size_t i = 0; i < parts.size(); ++i) lists.push_back(ListOfRows(parts[i], values[i]));
  const Type type = lists[0].type;
  return RowsOfList(Expression::Call("list_concat", std::move(lists), type), columns,
                    counts_.variables);
}

Result<SubqueryRows> SubqueryTranslator::From(const Source& from, Scope* outer) {
  SubqueryRows rows;
  switch (from.kind) {
    case Source::Kind::kNone:
      return rows;
    case Source::Kind::kStream:
      return Wrong(from.position,
                   fmt::format("a subquery that reads the stream {} looks at more than one record, "
                               "so it needs a window, which is not supported yet; a subquery may "
                               "read VALUES and the record's own values, as in FROM explode(array)",
                               from.name));
    case Source::Kind::kName: {
      ST_TRY(rows, FromName(from));
      break;
    }
    case Source::Kind::kQuery: {
      ST_TRY(rows, OfQuery(*from.query, outer));
      break;
    }
    case Source::Kind::kValues: {
      ST_TRY(rows, Values(from, outer));
      break;
    }
    case Source::Kind::kCall: {
      RowScope scope(source_, rows.columns, outer, this);
      ST_TRY(rows, Generated(*from.call, false, scope));
      break;
    }
  }
  const std::string& name = from.alias.empty() ? from.name : from.alias;
  ST_TRY_STATUS(Rename(from.position, name, from.columns, rows));
  return rows;
}

Result<SubqueryRows> SubqueryTranslator::FromName(const Source& from) {
  for (std::size_t i = with_.size(); i-- > 0;) {
    const Named named = with_[i];
    if (!EqualsIgnoreCase(named.query->name, from.name)) continue;
    // It sees those before it alone, as its own name would have no end.
    const With before(with_.begin(), with_.begin() + static_cast<std::ptrdiff_t>(i));
    ST_TRY(auto rows, OfVisible(*named.query->query, before, named.outer));
    ST_TRY_STATUS(Rename(named.query->position, "", named.query->columns, rows));
    return rows;
  }
  return Wrong(from.position,
               fmt::format("no query of WITH is called {}; a subquery that reads a table or a view "
                           "is not supported yet, as it looks at more than one record",
                           from.name));
}

Result<SubqueryRows> SubqueryTranslator::Values(const Source& from, Scope* outer) {
  const std::vector<RowColumn> none;
  RowScope scope(source_, none, outer, this);
  scope.HideOuter(
      "VALUES has constants alone (CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE); write SELECT … "
      "UNION ALL SELECT …");
  std::vector<std::vector<Expression>> rows;
  std::size_t bytes = 0;
  for (const auto& row : from.rows) {
    if (row.size() != from.rows[0].size()) {
      return Wrong(row[0].position,
                   fmt::format("this row of VALUES has {} columns and the first one {} "
                               "(NUM_COLUMNS_MISMATCH)",
                               row.size(), from.rows[0].size()));
    }
    rows.emplace_back();
    for (const auto& cell : row) {
      ST_TRY(auto value, ExprTranslator(source_, scope, constants_).Translate(cell));
      bytes += SqlBytes(value);
      rows.back().push_back(std::move(value));
    }
    if (bytes > kMaxSqlBytes) {
      return Wrong(row[0].position, fmt::format("VALUES makes {} bytes of SQL; the limit is {}",
                                                bytes, kMaxSqlBytes));
    }
  }
  std::vector<RowColumn> columns;
  for (std::size_t c = 0; c < rows[0].size(); ++c) {
    std::vector<Expression> of_column;
    for (const auto& row : rows) of_column.push_back(row[c]);
    if (!Unify(of_column)) {
      return Wrong(from.position,
                   fmt::format("column {} of VALUES has types that Spark does not bring together "
                               "(INCOMPATIBLE_TYPES_IN_INLINE_TABLE); write CAST(… AS …)",
                               c + 1));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i][c] = of_column[i];
    columns.push_back({.relation = {}, .name = fmt::format("col{}", c + 1), .value = rows[0][c]});
  }
  if (rows.size() == 1) {
    return SubqueryRows{.list = {}, .element = {}, .columns = std::move(columns), .where = {}};
  }
  std::vector<Expression> packed;
  for (const auto& row : rows) packed.push_back(PackedRow(row));
  return RowsOfList(Expression::List(std::move(packed)), columns, counts_.variables);
}

Result<SubqueryRows> SubqueryTranslator::Generated(const Expr& call, bool is_outer,
                                                   RowScope& scope) {
  if (call.kind != ExprKind::kCall) {
    return Wrong(call.position, "FROM takes a generator here, as in FROM explode(array)");
  }
  ST_TRY(auto generator, MakeGenerator(source_, scope, call, is_outer, constants_));
  SubqueryRows rows;
  rows.element = counts_.variables.New(ElementOf(generator.list.type));
  rows.list = std::move(generator.list);
  for (const auto& [name, type] : generator.columns) {
    rows.columns.push_back(
        {.relation = {},
         .name = name,
         .value =
             generator.has_structs
                 ? Expression::Call("struct_extract", {rows.element, Expression::Text(name)}, type)
                 : rows.element});
  }
  return rows;
}

Result<SubqueryRows> SubqueryTranslator::Lateral(const LateralJoin& join, Scope& outer) {
  const Source& source = join.source;
  if (source.kind != Source::Kind::kQuery && source.kind != Source::Kind::kCall) {
    return Wrong(source.position,
                 "LATERAL takes a query in brackets or a generator, as in LATERAL explode(array) "
                 "(LATERAL_WITHOUT_SUBQUERY_OR_TABLE_VALUED_FUNC)");
  }
  ST_TRY(auto rows, From(source, &outer));
  for (const auto& column : rows.columns) {
    if (!column.name.empty()) continue;
    return Wrong(source.position,
                 "a column of this query has no name; write AS name behind its expression");
  }
  if (join.on) {
    RowScope scope = ScopeOf(rows, &outer);
    ST_TRY(auto condition, ExprTranslator(source_, scope, constants_).Translate(*join.on));
    if (condition.type.kind != TypeKind::kBoolean) {
      return Wrong(join.on->position,
                   fmt::format("ON takes a condition, not {}", SparkName(condition.type)));
    }
    rows.where = Both(rows.where, std::move(condition));
  }
  return join.is_left ? WithOuterRow(rows, counts_.variables) : rows;
}

Status SubqueryTranslator::AddViews(const SelectStatement& select, SubqueryRows& rows,
                                    Scope* outer) {
  for (const auto& view : select.views) {
    RowScope scope = ScopeOf(rows, outer);
    scope.HideOuter(
        "LATERAL VIEW in a subquery takes no column around it (CORRELATED_REFERENCE), as in Spark; "
        "write FROM explode(…)");
    ST_TRY(auto made, Generated(view.call, view.is_outer, scope));
    ST_TRY_STATUS(Rename(view.call.position, view.table, view.columns, made));
    rows = spark::Joined(rows, made, counts_.variables);
  }
  return {};
}

Status SubqueryTranslator::AddWhere(const SelectStatement& select, SubqueryRows& rows,
                                    Scope* outer) {
  if (!select.where) return {};
  RowScope scope = ScopeOf(rows, outer);
  ST_TRY(auto condition, ExprTranslator(source_, scope, constants_).Translate(*select.where));
  if (condition.type.kind != TypeKind::kBoolean) {
    return Wrong(select.where->position,
                 fmt::format("WHERE takes a condition, not {} (FILTER_NOT_BOOLEAN)",
                             SparkName(condition.type)));
  }
  rows.where = Both(rows.where, std::move(condition));
  return {};
}

// The columns of the SELECT in the place of those that it reads.
Status SubqueryTranslator::AddItems(const SelectStatement& select, SubqueryRows& rows,
                                    Scope* outer) {
  std::vector<RowColumn> generated;
  ST_TRY_STATUS(AddGenerator(select, rows, outer, generated));
  RowScope scope = ScopeOf(rows, outer);
  std::vector<RowColumn> made;
  std::size_t bytes = 0;
  for (const auto& item : select.items) {
    std::vector<RowColumn> columns;
    if (item.expr.kind == ExprKind::kStar) {
      ST_TRY(columns, Star(item.expr, scope));
    } else if (item.expr.kind == ExprKind::kCall && IsGenerator(item.expr.text)) {
      columns = generated;
    } else {
      ST_TRY(auto value, ExprTranslator(source_, scope, constants_).Translate(item.expr));
      columns.push_back({.relation = {}, .name = NameOf(item), .value = std::move(value)});
      if (item.alias) scope.Remember(*item.alias, columns[0].value);
    }
    for (auto& column : columns) {
      bytes += SqlBytes(column.value);
      column.relation.clear();
      made.push_back(std::move(column));
    }
    if (bytes > kMaxSqlBytes || made.size() > kMaxColumns) {
      return Wrong(select.position,
                   fmt::format("this SELECT makes {} columns and {} bytes of SQL; the limits are "
                               "{} and {}",
                               made.size(), bytes, kMaxColumns, kMaxSqlBytes));
    }
  }
  rows.columns = std::move(made);
  return {};
}

// Joins the rows of the SELECT's generator, whose columns become `made`.
Status SubqueryTranslator::AddGenerator(const SelectStatement& select, SubqueryRows& rows,
                                        Scope* outer, std::vector<RowColumn>& made) {
  const SelectItem* item = GeneratorOf(select);
  if (item == nullptr) return {};
  RowScope scope = ScopeOf(rows, outer);
  ST_TRY(auto generated, Generated(item->expr, false, scope));
  if (scope.reads_outer() && select.where) {
    return Wrong(item->expr.position,
                 fmt::format("{} of a value around the subquery stands beside no WHERE "
                             "(ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED), as in Spark; write "
                             "SELECT … FROM {}(…) WHERE …",
                             item->expr.text, item->expr.text));
  }
  std::vector<std::string> names = item->aliases;
  if (item->alias) names = {*item->alias};
  ST_TRY_STATUS(Rename(item->expr.position, "", names, generated));
  const std::size_t before = rows.columns.size();
  rows = spark::Joined(rows, generated, counts_.variables);
  const auto first = rows.columns.begin() + static_cast<std::ptrdiff_t>(before);
  made.assign(first, rows.columns.end());
  rows.columns.erase(first, rows.columns.end());
  return {};
}

Result<std::vector<RowColumn>> SubqueryTranslator::Star(const Expr& star, RowScope& scope) {
  std::vector<NamedValue> values;
  if (star.args.empty()) values = scope.Star(star.qualifier);
  if (values.empty()) {
    ST_TRY(values, FieldsOfStar(source_, scope, star, constants_));
  }
  std::vector<RowColumn> columns;
  for (auto& [name, value] : values) {
    columns.push_back({.relation = {}, .name = std::move(name), .value = std::move(value)});
  }
  return columns;
}

Status SubqueryTranslator::Rename(std::size_t position, std::string_view relation,
                                  const std::vector<std::string>& names, SubqueryRows& rows) const {
  if (!names.empty() && names.size() != rows.columns.size()) {
    return Wrong(position, fmt::format("there are {} columns and {} names for them",
                                       rows.columns.size(), names.size()));
  }
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    rows.columns[i].relation = relation;
    if (!names.empty()) rows.columns[i].name = names[i];
  }
  return {};
}

}  // namespace st::dialect::spark
