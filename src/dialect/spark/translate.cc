#include "dialect/spark/translate.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>

#include "base/record_columns.h"
#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/function_table.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/scope.h"
#include "dialect/spark/types.h"

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
  const ColumnType type{.kind = column.kind};
  return std::ranges::count(kPlain, column.name) > 0 ? Expression::PlainColumn(column.name, type)
                                                     : Expression::Column(column.name, type);
}

const FixedColumn* FindSparkColumn(std::string_view name) {
  for (const auto& column : SparkColumns()) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

std::vector<std::string> ColumnNames() {
  std::vector<std::string> names;
  for (const auto& column : SparkColumns()) names.emplace_back(column.name);
  return names;
}

// A column of the inner SELECT: it holds a list of the texts at all paths that the outer SELECT
// takes.
constexpr std::string_view kFields = "fields";

// The columns of the stream, which SELECT and WHERE both see.
class StreamScope : public Scope {
 public:
  StreamScope(const SourceText& source, const StreamingTable& table, bool is_json)
      : source_(source), table_(table), is_json_(is_json) {}

  Result<Expression> Column(const Expr& expr) override {
    ST_TRY_STATUS(CheckQualifier(expr));
    if (const auto* column = FindSparkColumn(expr.text)) {
      return Used(ExpressionOf(*column));
    }
    if (expr.qualifier.empty()) {
      ST_TRY(auto other, OtherName(expr));
      if (other) return std::move(*other);
    }
    return Unknown(expr);
  }

  Result<Expression> ValueText(const Expr& column) override {
    ST_TRY_STATUS(CheckQualifier(column));
    Used(spark::ValueText());
    if (is_json_) return spark::ValueText();
    Used(ExpressionOf(ColumnOf(SourceColumn::kValue)));
    return CheckedValueText();
  }

  // The columns of st_source() that the expressions use, by their SQL.
  const std::map<std::string, Expression>& used() const { return used_; }

 protected:
  virtual Result<std::optional<Expression>> OtherName(const Expr& expr) = 0;

  // Extracts one path or a list of paths; the result is NULL where the value is no JSON.
  Expression Extracted(Expression paths) const {
    const Expression text = spark::ValueText();
    Expression extract =
        Expression::Call("json_extract_string", {text, std::move(paths)}, text.type);
    if (is_json_) return extract;
    return Expression::Case(
        {{Expression::Call("json_valid", {text}, {.kind = TypeKind::kBoolean}), extract}});
  }

  const SourceText& source_;
  const StreamingTable& table_;

 private:
  const Expression& Used(const Expression& column) {
    return used_.emplace(ToSql(column), column).first->second;
  }

  std::string_view Name() const { return table_.alias.empty() ? table_.topic : table_.alias; }

  Status CheckQualifier(const Expr& expr) const {
    if (expr.qualifier.empty() || EqualsIgnoreCase(expr.qualifier, Name())) return {};
    return std::unexpected(source_.At(
        expr.position,
        fmt::format("'{}' names no stream here; the stream is called {}", expr.qualifier, Name())));
  }

  std::unexpected<Error> Unknown(const Expr& expr) const {
    if (IsClockFunction(AsciiLower(expr.text))) {
      return std::unexpected(source_.At(expr.position, ClockMessage(AsciiLower(expr.text))));
    }
    if (EqualsIgnoreCase(expr.text, "headers")) {
      return std::unexpected(source_.At(expr.position, "the column headers is not supported yet"));
    }
    const auto names = ColumnNames();
    const auto nearest = NearestName(expr.text, names);
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
    return std::unexpected(
        source_.At(expr.position,
                   fmt::format("column '{}' does not exist{}; a stream has {}", expr.text,
                               nearest ? fmt::format("; did you mean {}?", *nearest) : "", list)));
  }

  const bool is_json_;
  std::map<std::string, Expression> used_;
};

// WHERE is evaluated below the SELECT, so it extracts each field where it is used.
class WhereScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;
  Expression Extract(const std::string& path) override { return Extracted(Expression::Text(path)); }

 protected:
  Result<std::optional<Expression>> OtherName(const Expr& expr) override {
    for (const auto& item : table_.items) {
      if (item.alias && EqualsIgnoreCase(*item.alias, expr.text)) {
        return std::unexpected(source_.At(
            expr.position, fmt::format("'{}' is made by the SELECT, which comes after WHERE; "
                                       "repeat its expression here",
                                       expr.text)));
      }
    }
    return std::optional<Expression>();
  }
};

// Extracts all fields of the SELECT in one pass over each value, as elements of one list.
class SelectScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;

  Expression Extract(const std::string& path) override {
    const auto at = std::ranges::find(paths_, path);
    const auto index = at - paths_.begin();
    if (at == paths_.end()) paths_.push_back(path);
    return Expression::Element(Expression::PlainColumn(kFields, {}),
                               static_cast<std::size_t>(index) + 1, {.kind = TypeKind::kString});
  }

  // A later expression of the same SELECT may use the name for this expression.
  void Remember(const std::string& name, const Expression& value) {
    earlier_.emplace_back(name, value);
  }

  bool takes_fields() const { return !paths_.empty(); }
  Expression Fields() const {
    std::vector<Expression> paths;
    for (const auto& path : paths_) paths.push_back(Expression::Text(path));
    return Extracted(Expression::List(std::move(paths)));
  }

 protected:
  Result<std::optional<Expression>> OtherName(const Expr& expr) override {
    for (const auto& [name, value] : earlier_) {
      if (EqualsIgnoreCase(name, expr.text)) return std::optional(value);
    }
    return std::optional<Expression>();
  }

 private:
  std::vector<std::string> paths_;
  std::vector<std::pair<std::string, Expression>> earlier_;
};

class Translator {
 public:
  Translator(const SourceText& source, const StreamingTable& table, bool is_json)
      : source_(source),
        table_(table),
        where_scope_(source, table, is_json),
        select_scope_(source, table, is_json) {}

  Result<Translation> Run() {
    for (const auto& item : table_.items) {
      if (item.expr.kind == ExprKind::kStar) {
        ST_TRY_STATUS(Star(item.expr.position));
      } else {
        ST_TRY_STATUS(Item(item));
      }
    }
    ST_TRY(auto where, Where());
    out_.plan.from = TableFunction{"st_source"};
    if (select_scope_.takes_fields()) {
      out_.plan.from = FieldsBelow(std::move(where));
    } else {
      out_.plan.where = std::move(where);
    }
    ST_TRY_STATUS(CheckSize(SqlBytes(out_.plan)));
    return std::move(out_);
  }

 private:
  Result<std::optional<Expression>> Where() {
    if (!table_.where) return std::optional<Expression>();
    ST_TRY(auto condition, ExprTranslator(source_, where_scope_).Translate(*table_.where));
    if (condition.type.kind != TypeKind::kBoolean) {
      return std::unexpected(
          source_.At(table_.where->position,
                     fmt::format("WHERE takes a condition, not {}", SparkName(condition.type))));
    }
    return std::optional(std::move(condition));
  }

  // Builds (SELECT columns, … AS fields FROM st_source() WHERE …), so that each value is parsed
  // once.
  std::shared_ptr<const Select> FieldsBelow(std::optional<Expression> where) const {
    Select below{.outputs = {}, .from = TableFunction{"st_source"}, .where = std::move(where)};
    for (const auto& [sql, column] : select_scope_.used()) {
      below.outputs.push_back({.value = column, .name = {}});
    }
    below.outputs.push_back(
        {.value = select_scope_.Fields(), .name = std::string(kFields), .is_plain = true});
    return std::make_shared<const Select>(std::move(below));
  }

  Status CheckSize(std::size_t bytes) const {
    if (bytes <= kMaxSqlBytes) return {};
    return std::unexpected(source_.At(
        table_.select_begin,
        fmt::format("this SELECT makes {} bytes of SQL; the limit is {}", bytes, kMaxSqlBytes)));
  }

  Status Star(std::size_t position) {
    for (const auto& column : SparkColumns()) {
      Expr expr;
      expr.kind = ExprKind::kColumn;
      expr.text = column.name;
      expr.position = position;
      ST_TRY(const auto value, select_scope_.Column(expr));
      ST_TRY_STATUS(Add(std::string(column.name), value, position));
    }
    return {};
  }

  Status Item(const SelectItem& item) {
    const bool is_column = item.expr.kind == ExprKind::kColumn;
    if (!item.alias && !is_column) {
      return std::unexpected(
          source_.At(item.expr.position, "this expression has no name; write AS name behind it"));
    }
    ST_TRY(const auto value, ExprTranslator(source_, select_scope_).Translate(item.expr));
    return Add(item.alias ? *item.alias : item.expr.text, value, item.expr.position);
  }

  Status Add(const std::string& name, const Expression& value, std::size_t position) {
    if (value.type.kind == TypeKind::kUnknown) {
      return std::unexpected(
          source_.At(position, "a bare NULL has no type; write CAST(NULL AS STRING)"));
    }
    for (const auto& column : out_.columns) {
      if (EqualsIgnoreCase(column.name, name)) {
        return std::unexpected(
            source_.At(position, fmt::format("two columns are called '{}'", column.name)));
      }
    }
    bytes_ += SqlBytes(value);
    ST_TRY_STATUS(CheckSize(bytes_));  // checked here, since later columns may repeat earlier ones
    out_.plan.outputs.push_back({.value = value, .name = name});
    out_.columns.push_back({.name = name, .type = value.type});
    if (FindSparkColumn(name) == nullptr) select_scope_.Remember(name, value);
    return {};
  }

  const SourceText& source_;
  const StreamingTable& table_;
  WhereScope where_scope_;
  SelectScope select_scope_;
  Translation out_;
  std::size_t bytes_ = 0;  // size of the SQL of all columns so far
};

}  // namespace

Result<Translation> Translate(const SourceText& source, const StreamingTable& table, bool is_json) {
  return Translator(source, table, is_json).Run();
}

}  // namespace st::dialect::spark
