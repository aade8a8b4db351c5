#include "dialect/spark/translate.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/limits.h"

namespace st::dialect::spark {
namespace {

struct SourceColumn {
  std::string_view name;
  std::string_view sql;
  TypeKind kind;
};
// Spark's Kafka source, but for headers, which come later.
constexpr std::array kSourceColumns = {
    SourceColumn{"key", "key", TypeKind::kBinary},
    SourceColumn{"value", "value", TypeKind::kBinary},
    SourceColumn{"topic", "topic", TypeKind::kString},
    SourceColumn{"partition", "\"partition\"", TypeKind::kInt},
    SourceColumn{"offset", "\"offset\"", TypeKind::kLong},
    SourceColumn{"timestamp", "\"timestamp\"", TypeKind::kTimestampTz},
    SourceColumn{"timestampType", "\"timestampType\"", TypeKind::kInt},
};

const SourceColumn* FindSourceColumn(std::string_view name) {
  for (const auto& column : kSourceColumns) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

std::vector<std::string> ColumnNames() {
  std::vector<std::string> names;
  for (const auto& column : kSourceColumns) names.emplace_back(column.name);
  return names;
}

// What SELECT and WHERE have in common: the stream's columns.
class StreamScope : public Scope {
 public:
  StreamScope(const SourceText& source, const StreamingTable& table, bool is_json)
      : source_(source), table_(table), is_json_(is_json) {}

  Result<Typed> Column(const Expr& expr) override {
    ST_TRY_STATUS(CheckQualifier(expr));
    if (const auto* column = FindSourceColumn(expr.text)) {
      used_.insert(std::string(column->sql));
      return Typed{.sql = std::string(column->sql), .type = {.kind = column->kind}};
    }
    if (expr.qualifier.empty()) {
      ST_TRY(auto other, OtherName(expr));
      if (other) return std::move(*other);
    }
    return Unknown(expr);
  }

  Result<Typed> ValueText(const Expr& column) override {
    ST_TRY_STATUS(CheckQualifier(column));
    used_.emplace(kValueText);
    if (is_json_) {
      return Typed{.sql = std::string(kValueText), .type = {.kind = TypeKind::kString}};
    }
    used_.emplace("value");
    return Typed{
        .sql = std::string(kCheckedText), .type = {.kind = TypeKind::kString}, .can_fail = true};
  }

  const std::set<std::string>& used() const { return used_; }

 protected:
  virtual Result<std::optional<Typed>> OtherName(const Expr& expr) = 0;

  // One path or a list of them, NULL where the value is no JSON.
  std::string ExtractSql(const std::string& paths) const {
    const std::string extract = fmt::format("json_extract_string({}, {})", kValueText, paths);
    if (is_json_) return extract;
    return fmt::format("CASE WHEN json_valid({}) THEN {} END", kValueText, extract);
  }

  const SourceText& source_;
  const StreamingTable& table_;

 private:
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
  std::set<std::string> used_;
};

// WHERE stands below the SELECT: each field is taken where it is used.
class WhereScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;
  std::string Extract(const std::string& path) override { return ExtractSql(SqlString(path)); }

 protected:
  Result<std::optional<Typed>> OtherName(const Expr& expr) override {
    for (const auto& item : table_.items) {
      if (item.alias && EqualsIgnoreCase(*item.alias, expr.text)) {
        return std::unexpected(source_.At(
            expr.position, fmt::format("'{}' is made by the SELECT, which comes after WHERE; "
                                       "repeat its expression here",
                                       expr.text)));
      }
    }
    return std::optional<Typed>();
  }
};

// The SELECT's fields are taken in one pass over each value, as elements of one list.
class SelectScope final : public StreamScope {
 public:
  using StreamScope::StreamScope;

  std::string Extract(const std::string& path) override {
    const auto at = std::ranges::find(paths_, path);
    const auto index = at - paths_.begin();
    if (at == paths_.end()) paths_.push_back(path);
    return fmt::format("fields[{}]", index + 1);
  }

  // A name given earlier in the same SELECT stands for its expression.
  void Remember(const std::string& name, const Typed& value) { earlier_.emplace_back(name, value); }

  bool takes_fields() const { return !paths_.empty(); }
  std::string FieldsSql() const {
    std::string list;
    for (const auto& path : paths_) list += (list.empty() ? "[" : ", ") + SqlString(path);
    return ExtractSql(list + "]");
  }

 protected:
  Result<std::optional<Typed>> OtherName(const Expr& expr) override {
    for (const auto& [name, value] : earlier_) {
      if (EqualsIgnoreCase(name, expr.text)) return std::optional(value);
    }
    return std::optional<Typed>();
  }

 private:
  std::vector<std::string> paths_;
  std::vector<std::pair<std::string, Typed>> earlier_;
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
    std::string where;
    if (table_.where) {
      ST_TRY(const auto condition, ExprTranslator(source_, where_scope_).Translate(*table_.where));
      if (condition.type.kind != TypeKind::kBoolean) {
        return std::unexpected(
            source_.At(table_.where->position,
                       fmt::format("WHERE takes a condition, not {}", SparkName(condition.type))));
      }
      where = fmt::format(" WHERE {}", condition.sql);
    }
    out_.sql = fmt::format("SELECT {} FROM {}", items_, From(where));
    if (out_.sql.size() > kMaxSqlBytes) {
      return std::unexpected(source_.At(
          table_.select_begin, fmt::format("this SELECT makes {} bytes of SQL; the limit is {}",
                                           out_.sql.size(), kMaxSqlBytes)));
    }
    return std::move(out_);
  }

 private:
  std::string From(const std::string& where) const {
    if (!select_scope_.takes_fields()) return "st_source()" + where;
    std::string columns;
    for (const auto& column : select_scope_.used()) columns += column + ", ";
    return fmt::format("(SELECT {}{} AS fields FROM st_source(){})", columns,
                       select_scope_.FieldsSql(), where);
  }

  Status Star(std::size_t position) {
    for (const auto& column : kSourceColumns) {
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

  Status Add(const std::string& name, const Typed& value, std::size_t position) {
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
    items_ += fmt::format("{}{} AS {}", items_.empty() ? "" : ", ", value.sql, SqlIdentifier(name));
    out_.columns.push_back({.name = name, .type = value.type});
    if (FindSourceColumn(name) == nullptr) select_scope_.Remember(name, value);
    return {};
  }

  const SourceText& source_;
  const StreamingTable& table_;
  WhereScope where_scope_;
  SelectScope select_scope_;
  Translation out_;
  std::string items_;
};

}  // namespace

Result<Translation> Translate(const SourceText& source, const StreamingTable& table, bool is_json) {
  return Translator(source, table, is_json).Run();
}

}  // namespace st::dialect::spark
