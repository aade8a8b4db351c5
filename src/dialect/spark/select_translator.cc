#include "dialect/spark/select_translator.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/mistakes.h"
#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/generators.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/star.h"
#include "dialect/spark/subquery_rows.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

// The column of a generator's rows that are structs.
constexpr std::string_view kRow = "st_row";

Expression Unnested(const Generator& generator) {
  return Expression::Call("unnest", {generator.list}, ElementOf(generator.list.type));
}

// The items of a SELECT as outputs.
class Items {
 public:
  Items(const SelectContext& context, const SelectStatement& select, SelectScope& scope)
      : source_(context.source), select_(select), scope_(scope), constants_(context.constants) {}

  // All mistakes, but those of items that read an item with a mistake.
  Status Run() {
    Mistakes mistakes;
    std::vector<std::string> broken;
    for (const auto& item : select_.items) {
      const bool is_broken = ReadsOneOf(broken, item.expr) || !mistakes.Add(One(item));
      if (is_broken) broken.push_back(item.alias.value_or(""));
      if (broken.size() == kMaxMistakes || bytes_ > kMaxSqlBytes) break;
    }
    return mistakes.AsStatus();
  }

  // The SELECT over `from`, and above it another one where a generator's rows are structs.
  Translation Finish(Relation from, std::optional<Expression> where) && {
    Translation made;
    made.columns = std::move(columns_);
    made.plan = {
        .outputs = std::move(outputs_), .from = std::move(from), .where = std::move(where)};
    if (!has_rows_) return made;
    Select above;
    const auto row = Expression::PlainColumn(kRow, row_type_);
    for (std::size_t i = 0; i < made.columns.size(); ++i) {
      const auto& column = made.columns[i];
      const bool is_part = i >= first_part_ && i < first_part_ + parts_.size();
      above.outputs.push_back(
          {.value = is_part ? Expression::Call("struct_extract",
                                               {row, Expression::Text(parts_[i - first_part_])},
                                               column.type)
                            : Expression::Column(column.name, column.type),
           .name = column.name});
    }
    above.from = std::make_shared<const Select>(std::move(made.plan));
    made.plan = std::move(above);
    return made;
  }

 private:
  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source_.At(position, message));
  }

  static bool ReadsOneOf(const std::vector<std::string>& names, const Expr& expr) {
    const auto is_expr = [&](const std::string& name) { return EqualsIgnoreCase(name, expr.text); };
    if (expr.kind == ExprKind::kColumn && std::ranges::any_of(names, is_expr)) return true;
    return std::ranges::any_of(expr.args, [&](const Expr& arg) { return ReadsOneOf(names, arg); });
  }

  Status One(const SelectItem& item) {
    if (item.expr.kind == ExprKind::kStar) return Star(item.expr);
    const bool is_generator = item.expr.kind == ExprKind::kCall && IsGenerator(item.expr.text);
    return is_generator ? Generate(item) : Item(item);
  }

  Status Star(const Expr& star) {
    std::vector<NamedValue> columns;
    if (star.args.empty()) columns = scope_.Star(star.qualifier);
    if (columns.empty()) {
      ST_TRY(columns, FieldsOfStar(source_, scope_, star, constants_));
    }
    for (const auto& [name, value] : columns) {
      ST_TRY_STATUS(Add(name, value, star.position));
    }
    return {};
  }

  Status Item(const SelectItem& item) {
    const bool has_name = item.expr.kind == ExprKind::kColumn || item.expr.kind == ExprKind::kField;
    if (!item.aliases.empty()) {
      return Wrong(item.expr.position, "several names are for a generator, as posexplode(array)");
    }
    ST_TRY(const auto value, ExprTranslator(source_, scope_, constants_).Translate(item.expr));
    if (!item.alias && !has_name) {
      return Wrong(item.expr.position, "this expression has no name; write AS name behind it");
    }
    return Add(item.alias ? *item.alias : item.expr.text, value, item.expr.position);
  }

  Status Generate(const SelectItem& item) {
    const std::size_t position = item.expr.position;
    if (has_generator_)
      return Wrong(position, "a SELECT has one generator; write a LATERAL VIEW for each");
    has_generator_ = true;
    ST_TRY(auto generator, MakeGenerator(source_, scope_, item.expr, false, constants_));
    std::vector<std::string> names = item.aliases;
    if (item.alias) names = {*item.alias};
    if (!names.empty() && names.size() != generator.columns.size()) {
      return Wrong(position, fmt::format("{} makes {} columns; write AS ({})", item.expr.text,
                                         generator.columns.size(), "a, b, …"));
    }
    const auto name_of = [&](std::size_t i) {
      return names.empty() ? generator.columns[i].first : names[i];
    };
    if (!generator.has_structs) return Add(name_of(0), Unnested(generator), position);
    has_rows_ = true;
    row_type_ = ElementOf(generator.list.type);
    first_part_ = columns_.size();
    for (std::size_t i = 0; i < generator.columns.size(); ++i) {
      parts_.push_back(generator.columns[i].first);
      ST_TRY_STATUS(Name(name_of(i), generator.columns[i].second, position));
    }
    outputs_.push_back({.value = Unnested(generator), .name = std::string(kRow), .is_plain = true});
    return {};
  }

  // A further column.
  Status Name(const std::string& name, const Type& type, std::size_t position) {
    if (type.is_interval()) {
      return Wrong(position, fmt::format("no column is an {}, which Iceberg has not; write CAST(… "
                                         "AS STRING), or take a part of it with extract",
                                         SparkName(type)));
    }
    if (HasVoid(type)) {
      return Wrong(position, "a bare NULL has no type; write CAST(NULL AS STRING)");
    }
    for (const auto& column : columns_) {
      if (EqualsIgnoreCase(column.name, name)) {
        return Wrong(position, fmt::format("two columns are called '{}'", column.name));
      }
    }
    if (columns_.size() == kMaxColumns) {
      return Wrong(position, fmt::format("a table has at most {} columns", kMaxColumns));
    }
    columns_.push_back({.name = name, .type = type});
    return {};
  }

  Status Add(const std::string& name, const Expression& value, std::size_t position) {
    ST_TRY_STATUS(Name(name, value.type, position));
    bytes_ += SqlBytes(value);
    if (bytes_ > kMaxSqlBytes) {  // checked here, since later columns may repeat earlier ones
      return Wrong(
          select_.position,
          fmt::format("this SELECT makes {} bytes of SQL; the limit is {}", bytes_, kMaxSqlBytes));
    }
    outputs_.push_back({.value = value, .name = name});
    const bool is_generated = value.kind == Expression::Kind::kCall && value.text == "unnest";
    if (!is_generated) scope_.Remember(name, value);
    return {};
  }

  const SourceText& source_;
  const SelectStatement& select_;
  SelectScope& scope_;
  std::vector<Constant>& constants_;
  std::vector<Output> outputs_;
  std::vector<OutputColumn> columns_;
  std::size_t bytes_ = 0;  // size of the SQL of all columns so far
  bool has_generator_ = false;
  // Of a generator whose rows are structs: its columns are `parts_` from `first_part_`.
  bool has_rows_ = false;
  Type row_type_;
  std::size_t first_part_ = 0;
  std::vector<std::string> parts_;
};

Result<std::optional<Expression>> WhereOf(const SelectContext& context,
                                          const SelectStatement& select, Scope& scope) {
  if (!select.where) return std::optional<Expression>();
  ST_TRY(auto condition,
         ExprTranslator(context.source, scope, context.constants).Translate(*select.where));
  if (condition.type.kind != TypeKind::kBoolean) {
    return std::unexpected(context.source.At(
        select.where->position,
        fmt::format("WHERE takes a condition, not {}", SparkName(condition.type))));
  }
  return std::optional(std::move(condition));
}

// The condition, where neither it nor the items have a mistake.
Result<std::optional<Expression>> RunBoth(Items& items, Result<std::optional<Expression>> where) {
  Mistakes mistakes;
  mistakes.Add(items.Run());
  mistakes.Add(where);
  ST_TRY_STATUS(mistakes.AsStatus());
  return where;
}

// Builds (SELECT columns, … AS fields FROM st_source() WHERE …), so that each value is parsed once.
std::shared_ptr<const Select> FieldsBelow(const StreamSelectScope& scope,
                                          std::optional<Expression> where) {
  Select below{.outputs = {}, .from = TableFunction{"st_source"}, .where = std::move(where)};
  for (const auto& [sql, column] : scope.used()) {
    below.outputs.push_back({.value = column, .name = {}});
  }
  auto [name, fields] = scope.Fields();
  below.outputs.push_back({.value = std::move(fields), .name = std::move(name), .is_plain = true});
  return std::make_shared<const Select>(std::move(below));
}

// What a lateral view or join adds to the rows.
struct Added {
  Generator generator;
  std::string relation;
  std::vector<std::string> columns;  // none: those of the generator
  std::size_t position = 0;
  std::string_view what;
};

// Adds the columns of a generator to the rows.
Status Add(const SourceText& source, const Added& added, Rows& rows) {
  const Generator& generator = added.generator;
  if (!added.columns.empty() && added.columns.size() != generator.columns.size()) {
    return std::unexpected(
        source.At(added.position, fmt::format("{} makes {} columns, not {}", added.what,
                                              generator.columns.size(), added.columns.size())));
  }
  Select below;
  Select above;
  const auto keep = [&](const Expression& column, const std::string& name) {
    below.outputs.push_back({.value = column, .name = name});
    above.outputs.push_back({.value = column, .name = name});
  };
  for (const auto& column : rows.columns) {
    keep(Expression::Column(column.name, column.type), column.name);
  }
  if (rows.has_value_text) {
    keep(Expression::PlainColumn(kValueTextColumn, {.kind = TypeKind::kString}),
         std::string(kValueTextColumn));
  }
  const auto row = Expression::PlainColumn(kRow, ElementOf(generator.list.type));
  below.outputs.push_back({.value = Unnested(generator), .name = row.text, .is_plain = true});
  for (std::size_t i = 0; i < generator.columns.size(); ++i) {
    const auto& [field, type] = generator.columns[i];
    const std::string& part = generator.fields.empty() ? field : generator.fields[i];
    const std::string& name = added.columns.empty() ? field : added.columns[i];
    for (const auto& column : rows.columns) {
      if (!EqualsIgnoreCase(column.name, name)) continue;
      return std::unexpected(source.At(
          added.position,
          fmt::format("two columns are called '{}'; give that of the lateral view another name",
                      name)));
    }
    rows.columns.push_back({.relation = added.relation, .name = name, .type = type});
    above.outputs.push_back(
        {.value = generator.has_structs
                      ? Expression::Call("struct_extract", {row, Expression::Text(part)}, type)
                      : row,
         .name = name});
  }
  below.from = std::move(rows.from);
  above.from = std::make_shared<const Select>(std::move(below));
  rows.from = std::make_shared<const Select>(std::move(above));
  return {};
}

Status AddJoin(const SelectContext& context, const LateralJoin& join, Rows& rows) {
  RelationScope scope(context.source, rows.columns, rows.has_value_text, &context.subqueries);
  ST_TRY(auto generator, context.subqueries.Joined(join, scope));
  return Add(context.source,
             {.generator = std::move(generator),
              .relation = join.source.alias,
              .columns = {},
              .position = join.source.position,
              .what = "LATERAL"},
             rows);
}

Status AddView(const SelectContext& context, const LateralView& view, Rows& rows) {
  RelationScope scope(context.source, rows.columns, rows.has_value_text, &context.subqueries);
  ST_TRY(auto generator,
         MakeGenerator(context.source, scope, view.call, view.is_outer, context.constants));
  return Add(context.source,
             {.generator = std::move(generator),
              .relation = view.table,
              .columns = view.columns,
              .position = view.call.position,
              .what = view.call.text},
             rows);
}

}  // namespace

Rows StreamRows(const SourceText& source, const SelectStatement& select, bool is_json,
                const std::optional<Expression>& topic) {
  Rows rows{.from = {}, .columns = {}, .has_value_text = true};
  StreamSelectScope scope(source, select, is_json, nullptr);
  Select all{.outputs = {}, .from = TableFunction{"st_source"}, .where = topic};
  const std::string& name = select.from.alias.empty() ? select.from.name : select.from.alias;
  for (const auto& [column, value] : scope.Star("")) {
    all.outputs.push_back({.value = value, .name = column});
    rows.columns.push_back({.relation = name, .name = column, .type = value.type});
  }
  all.outputs.push_back({.value = is_json ? ValueText() : DecodedValueText(),
                         .name = std::string(kValueTextColumn),
                         .is_plain = true});
  rows.from = std::make_shared<const Select>(std::move(all));
  return rows;
}

Result<Translation> TranslateOverStream(const SelectContext& context, const SelectStatement& select,
                                        bool is_json, const std::optional<Expression>& topic) {
  StreamWhereScope where_scope(context.source, select, is_json, &context.subqueries);
  StreamSelectScope select_scope(context.source, select, is_json, &context.subqueries);
  Items items(context, select, select_scope);
  ST_TRY(auto where, RunBoth(items, WhereOf(context, select, where_scope)));
  where = Both(topic, std::move(where));
  if (select_scope.takes_fields()) {
    return std::move(items).Finish(FieldsBelow(select_scope, std::move(where)), std::nullopt);
  }
  return std::move(items).Finish(TableFunction{"st_source"}, std::move(where));
}

Result<Translation> TranslateOverRows(const SelectContext& context, const SelectStatement& select,
                                      Rows rows) {
  for (const auto& join : select.joins) ST_TRY_STATUS(AddJoin(context, join, rows));
  for (const auto& view : select.views) ST_TRY_STATUS(AddView(context, view, rows));
  const auto make_scope = [&] {
    return RelationScope(context.source, rows.columns, rows.has_value_text, &context.subqueries);
  };
  RelationScope select_scope = make_scope();
  RelationScope where_scope = make_scope();
  Items items(context, select, select_scope);
  ST_TRY(auto where, RunBoth(items, WhereOf(context, select, where_scope)));
  return std::move(items).Finish(std::move(rows.from), std::move(where));
}

}  // namespace st::dialect::spark
