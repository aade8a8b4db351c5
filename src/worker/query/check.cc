#include "worker/query/check.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <span>

#include "base/text.h"
#include "worker/query/constants.h"
#include "worker/query/count_statement.h"
#include "worker/query/filters.h"
#include "worker/query/functions.h"
#include "worker/query/limits.h"

namespace st::worker::query {
namespace {

using nlohmann::json;
using Outcome = jobs::QueryResult<void>;

constexpr auto kNodes = std::to_array<std::string_view>(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"});
constexpr auto kModifiers = std::to_array<std::string_view>(
    {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"});
constexpr auto kOrders =
    std::to_array<std::string_view>({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"});
constexpr auto kTableRefs =
    std::to_array<std::string_view>({"SUBQUERY", "JOIN", "EXPRESSION_LIST", "EMPTY"});
constexpr auto kClasses =
    std::to_array<std::string_view>({"CONSTANT", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CAST",
                                     "CASE", "BETWEEN", "SUBQUERY", "LAMBDA", "LAMBDA_REF"});
constexpr auto kOperators = std::to_array<std::string_view>(
    {"OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "COMPARE_IN", "COMPARE_NOT_IN",
     "OPERATOR_COALESCE", "OPERATOR_NULLIF", "OPERATOR_TRY", "ARRAY_EXTRACT", "ARRAY_SLICE",
     "ARRAY_CONSTRUCTOR", "STRUCT_EXTRACT", "ARROW", "GROUPING_FUNCTION"});
// Keys whose values hold no expression, table or statement.
constexpr auto kLeaves = std::to_array<std::string_view>(
    {"value", "group_sets", "column_names", "column_name_alias", "using_columns", "expected_names",
     "expected_types", "exclude_list", "qualified_exclude_list", "rename_list", "aliases", "sample",
     "cast_type", "type_info"});
// Keys whose values are checked. Any other key that has a value is refused.
constexpr auto kBranches = std::to_array<std::string_view>({"node",
                                                            "select_list",
                                                            "children",
                                                            "child",
                                                            "filter",
                                                            "order_bys",
                                                            "orders",
                                                            "partitions",
                                                            "arg_orders",
                                                            "start_expr",
                                                            "end_expr",
                                                            "offset_expr",
                                                            "default_expr",
                                                            "filter_expr",
                                                            "where_clause",
                                                            "group_expressions",
                                                            "having",
                                                            "qualify",
                                                            "condition",
                                                            "left",
                                                            "right",
                                                            "lower",
                                                            "upper",
                                                            "input",
                                                            "case_checks",
                                                            "when_expr",
                                                            "then_expr",
                                                            "else_expr",
                                                            "expr",
                                                            "lhs",
                                                            "subquery",
                                                            "query",
                                                            "from_table",
                                                            "modifiers",
                                                            "limit",
                                                            "offset",
                                                            "distinct_on_targets",
                                                            "values",
                                                            "expression",
                                                            "replace_list",
                                                            "key_targets"});

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json* Part(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::size_t> LocationOf(const json& object) {
  const auto found = object.find("query_location");
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto location = found->get<std::uint64_t>();
  if (location == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::size_t>(location);
}

// Turns "EMPTY_FROM" into "empty from".
std::string Words(std::string_view constant) {
  std::string out = AsciiLower(constant);
  std::ranges::replace(out, '_', ' ');
  return out;
}

class Checker {
 public:
  Checker(const DuckText& text, const jobs::QueryJob& job, bool has_time_names)
      : text_(text), job_(job), has_time_names_(has_time_names) {}

  Outcome Statement(const json& statement) {
    if (const json* names = Part(statement, "named_param_map"); names && !names->empty()) {
      return Refuse(json(), "NOT_SUPPORTED", "bound parameters are not supported");
    }
    return Fields(statement);
  }
  std::vector<jobs::TableUse> TakeUses() { return std::move(uses_); }
  std::set<std::string> TakeFunctions() { return std::move(functions_); }

 private:
  std::unexpected<jobs::QueryError> Refuse(const json& at, std::string name,
                                           std::string_view message) const {
    const auto location = LocationOf(at);
    auto error = location ? FailAt(std::move(name), text_.PlaceAt(*location), message)
                          : FailWith(std::move(name), std::string(message));
    if (error.name == "NOT_SUPPORTED") error.code = ErrorCode::kUnsupported;
    return std::unexpected(std::move(error));
  }
  std::unexpected<jobs::QueryError> NotSupported(const json& at, std::string_view what) const {
    return Refuse(at, "NOT_SUPPORTED", fmt::format("{} is not supported", what));
  }

  // Checks all members of the object except those in `done`.
  Outcome Fields(const json& object, std::initializer_list<std::string_view> done = {}) {
    for (const auto& [key, value] : object.items()) {
      if (!value.is_structured() || IsOneOf(key, kLeaves) || IsOneOf(key, done)) continue;
      // Node() checks the first of these, Statement() the second.
      if (key == "cte_map" || key == "named_param_map") continue;
      if (IsOneOf(key, kBranches)) {
        ST_TRY_STATUS(Value(value));
      } else if (!value.empty()) {
        return NotSupported(object, fmt::format("'{}'", Words(key)));
      }
    }
    return {};
  }

  Outcome Value(const json& value) {
    if (value.is_array()) {
      for (const json& element : value) ST_TRY_STATUS(Value(element));
      return {};
    }
    return value.is_object() ? Object(value) : Outcome();
  }

  Outcome Object(const json& object) {
    ++depth_;
    auto outcome = depth_ <= kMaxParseDepth
                       ? Judge(object)
                       : NotSupported(object, "a statement that is nested so deep");
    --depth_;
    return outcome;
  }

  Outcome Judge(const json& object) {
    if (object.contains("class")) return Expression(object);
    const std::string type = Text(object, "type");
    if (IsOneOf(type, kNodes)) return Node(object, type);
    if (type == "BASE_TABLE") return BaseTable(object);
    if (type == "TABLE_FUNCTION") return TableFunction(object);
    if (type.empty() || IsOneOf(type, kModifiers) || IsOneOf(type, kOrders) ||
        IsOneOf(type, kTableRefs)) {
      return Fields(object);
    }
    return NotSupported(object, Words(type));
  }

  // The entries behind a name of WITH and the statement can use the name, but not its own query or
  // earlier entries: there DuckDB would look for a file of that name.
  Outcome Node(const json& node, std::string_view type) {
    const std::size_t outer = scope_.size();
    NoteCondition(node);
    if (const json* ctes = Part(node, "cte_map"); ctes != nullptr && ctes->contains("map")) {
      for (const json& entry : (*ctes)["map"]) {
        const std::string name = AsciiLower(Text(entry, "key"));
        if (name.find_first_of("./\\:*?[") != std::string::npos) {
          return NotSupported(node, fmt::format("WITH \"{}\"", name));
        }
        if (const json* value = Part(entry, "value")) ST_TRY_STATUS(Fields(*value));
        scope_.push_back(name);
      }
    }
    if (type == "RECURSIVE_CTE_NODE") {
      if (const json* left = Part(node, "left")) ST_TRY_STATUS(Value(*left));
      scope_.push_back(AsciiLower(Text(node, "cte_name")));
      if (const json* right = Part(node, "right")) ST_TRY_STATUS(Value(*right));
      ST_TRY_STATUS(Fields(node, {"left", "right"}));
    } else {
      ST_TRY_STATUS(Fields(node));
    }
    scope_.resize(outer);
    return {};
  }

  Outcome Expression(const json& expression) {
    const std::string kind = Text(expression, "class");
    if (kind == "FUNCTION" || kind == "WINDOW") {
      ST_TRY_STATUS(Function(expression, false));
    } else if (kind == "OPERATOR") {
      if (const auto type = Text(expression, "type"); !IsOneOf(type, kOperators)) {
        return NotSupported(expression, Words(type));
      }
    } else if (kind == "STAR") {
      if (expression.value("columns", false)) return NotSupported(expression, "COLUMNS(…)");
      return StarParts(expression);
    } else if (!IsOneOf(kind, kClasses)) {
      return NotSupported(expression, Words(kind));
    }
    return Fields(expression);
  }

  // Checks the expressions of * EXCLUDE (a) REPLACE (b + 1 AS b).
  Outcome StarParts(const json& star) {
    const json* replaced = Part(star, "replace_list");
    if (replaced == nullptr) return {};
    for (const json& entry : *replaced) {
      const json* value = Part(entry, "value");
      ST_TRY_STATUS(Value(value != nullptr ? *value : entry));
    }
    return {};
  }

  Outcome Function(const json& call, bool is_table) {
    const std::string name = AsciiLower(Text(call, "function_name"));
    const std::string schema = Text(call, "schema");
    const bool is_plain = Text(call, "catalog").empty() && (schema.empty() || schema == "main");
    if (is_plain && (is_table ? IsAllowedTableFunction(name) : IsAllowedFunction(name))) {
      functions_.insert(name);
      return name == "reduce" ? Reduce(call) : Outcome();
    }
    if (name == "__postfix") {  // of a backtick
      return Refuse(call, "SYNTAX_ERROR",
                    "backquoted identifiers are not supported; use double quotes");
    }
    const std::string nearest = is_table ? "" : NearestFunction(name);
    return Refuse(
        call, "FUNCTION_NOT_FOUND",
        fmt::format("{} '{}' not registered{}", is_table ? "Table function" : "Function", name,
                    nearest.empty() ? "; docs/sql.md lists those that are"
                                    : "; did you mean " + nearest + "?"));
  }

  // Refuses Trino's form, which has an output function, and the initial state before the lambda.
  Outcome Reduce(const json& call) {
    const json* children = Part(call, "children");
    constexpr std::size_t kTrinos = 4;
    if (children == nullptr || children->size() != kTrinos) return {};
    return Refuse(call, "NOT_SUPPORTED",
                  "reduce with an output function is not supported; write reduce(array, (state, x) "
                  "-> …, initial state), and the output function around it");
  }

  Outcome TableFunction(const json& ref) {
    const json* call = Part(ref, "function");
    if (call == nullptr || Text(*call, "class") != "FUNCTION") {
      return NotSupported(ref, "this table function");
    }
    ST_TRY_STATUS(Function(*call, true));
    ST_TRY_STATUS(Fields(*call));
    return Fields(ref, {"function"});
  }

  Outcome BaseTable(const json& ref) {
    if (Part(ref, "at_clause") != nullptr) return NotSupported(ref, "time travel");
    std::string catalog = AsciiLower(Text(ref, "catalog_name"));
    std::string schema = AsciiLower(Text(ref, "schema_name"));
    const std::string name = AsciiLower(Text(ref, "table_name"));
    if (catalog.empty() && schema.empty() && std::ranges::find(scope_, name) != scope_.end())
      return {};
    if (catalog.empty()) catalog = job_.catalog;
    if (schema.empty()) schema = job_.schema;
    if (!EqualsIgnoreCase(catalog, job_.catalog)) {
      return Refuse(ref, "CATALOG_NOT_FOUND", fmt::format("Catalog '{}' not found", catalog));
    }
    bool has_schema = EqualsIgnoreCase(schema, job_.schema);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < job_.tables.size(); ++i) {
      const jobs::QueryTable& table = job_.tables[i];
      if (!EqualsIgnoreCase(table.schema, schema)) continue;
      has_schema = true;
      names.push_back(table.name);
      if (!EqualsIgnoreCase(table.name, name)) continue;
      if (!table.damage.empty()) return Refuse(ref, "GENERIC_INTERNAL_ERROR", table.damage);
      AddUse(i, ref);
      return {};
    }
    if (!has_schema && schema != "default" && schema != "bad") {
      return Refuse(ref, "SCHEMA_NOT_FOUND", fmt::format("Schema '{}' does not exist", schema));
    }
    const auto nearest = NearestName(name, names);
    return Refuse(ref, "TABLE_NOT_FOUND",
                  fmt::format("Table '{}.{}.{}' does not exist{}", catalog, schema, name,
                              nearest ? "; did you mean " + *nearest + "?" : ""));
  }

  // The condition that the rows of a table in FROM must satisfy.
  struct Condition {
    const json* where = nullptr;
    bool is_alone = true;
  };

  // Remembers the WHERE of a SELECT for the tables that it filters.
  void NoteCondition(const json& node) {
    const json* where = Part(node, "where_clause");
    const json* from = Part(node, "from_table");
    if (where == nullptr || from == nullptr || Part(node, "sample") != nullptr) return;
    NoteCondition(*from, {where, Text(*from, "type") == "BASE_TABLE"});
  }
  // Of a join, the rows of the right side matter beyond the condition unless it is an inner one.
  void NoteCondition(const json& ref, const Condition& condition) {
    const json* aliases = Part(ref, "column_name_alias");
    const bool is_renamed = aliases != nullptr && !aliases->empty();
    if (Part(ref, "sample") != nullptr || is_renamed) return;
    if (Text(ref, "type") == "BASE_TABLE") conditions_[&ref] = condition;
    const std::string kind = Text(ref, "ref_type");
    const std::string join = Text(ref, "join_type");
    if (Text(ref, "type") != "JOIN" || (kind != "REGULAR" && kind != "CROSS")) return;
    const json* left = Part(ref, "left");
    const json* right = Part(ref, "right");
    if (left != nullptr && (join == "INNER" || join == "LEFT")) NoteCondition(*left, condition);
    if (right != nullptr && join == "INNER") NoteCondition(*right, condition);
  }

  void AddUse(std::size_t index, const json& ref) {
    jobs::TableUse use{.table = index};
    if (const auto found = conditions_.find(&ref); found != conditions_.end()) {
      const std::string alias = Text(ref, "alias");
      use.filter =
          FilterFrom(*found->second.where, {.table = job_.tables[index],
                                            .name = alias.empty() ? job_.tables[index].name : alias,
                                            .is_alone = found->second.is_alone,
                                            .has_time_names = has_time_names_});
    }
    const auto before = std::ranges::find(uses_, index, &jobs::TableUse::table);
    if (before == uses_.end()) {
      uses_.push_back(std::move(use));
    } else {
      before->filter = EitherOf(std::move(before->filter), std::move(use.filter));
    }
  }

  const DuckText& text_;
  const jobs::QueryJob& job_;
  const bool has_time_names_;
  std::vector<std::string> scope_;               // the names of WITH that are visible here
  std::map<const json*, Condition> conditions_;  // by the table's node in FROM
  std::vector<jobs::TableUse> uses_;
  std::set<std::string> functions_;
  int depth_ = 0;
};

std::vector<SelectItem> ItemsOf(const json& node);

// The columns that a `*` over one derived table stands for; one kStar if they are not known here.
std::vector<SelectItem> StarItems(const json& node) {
  const std::vector<SelectItem> unknown = {{SelectItem::Kind::kStar}};
  const json* from = Part(node, "from_table");
  if (from == nullptr) return unknown;
  if (const json* aliases = Part(*from, "column_name_alias"); aliases && !aliases->empty()) {
    return unknown;
  }
  const std::string type = Text(*from, "type");
  if (type == "EXPRESSION_LIST") {
    const json* rows = Part(*from, "values");
    if (rows == nullptr || rows->empty() || !rows->front().is_array()) return unknown;
    return std::vector<SelectItem>(rows->front().size(), {SelectItem::Kind::kUnnamed});
  }
  if (type != "SUBQUERY") return unknown;
  const json* query = Part(*from, "subquery");
  const json* inner = query != nullptr ? Part(*query, "node") : nullptr;
  return inner != nullptr ? ItemsOf(*inner) : unknown;
}

std::vector<SelectItem> ItemsOf(const json& node) {
  if (const json* left = Part(node, "left"); left != nullptr && Text(node, "type") != "SELECT_NODE")
    return ItemsOf(*left);
  std::vector<SelectItem> items;
  const json* list = Part(node, "select_list");
  if (list == nullptr || !list->is_array()) return {{SelectItem::Kind::kStar}};
  for (const json& expression : *list) {
    const std::string kind = Text(expression, "class");
    if (kind == "STAR") {
      const bool is_plain = list->size() == 1 && Text(expression, "relation_name").empty();
      const auto behind =
          is_plain ? StarItems(node) : std::vector<SelectItem>(1, {SelectItem::Kind::kStar});
      items.insert(items.end(), behind.begin(), behind.end());
    } else {
      const bool is_named = !Text(expression, "alias").empty() || kind == "COLUMN_REF";
      items.push_back({is_named ? SelectItem::Kind::kNamed : SelectItem::Kind::kUnnamed});
    }
  }
  return items;
}

// True for "VALUES 1, 2": in Trino rows of one column need no parentheses.
bool IsBareRow(std::string_view text, std::size_t position) {
  const auto before = Trim(text.substr(0, position));
  constexpr std::string_view kWord = "values";
  return before.size() >= kWord.size() &&
         EqualsIgnoreCase(before.substr(before.size() - kWord.size()), kWord);
}

jobs::QueryError ParseError(const json& parsed, const DuckText& text) {
  std::string message = Text(parsed, "error_message");
  if (Text(parsed, "error_type") == "not implemented" && message.contains("Only SELECT")) {
    auto error = FailAt("NOT_SUPPORTED", text.PlaceAt(text.text().find_first_not_of(" \t\r\n")),
                        "only SELECT, WITH … SELECT and VALUES are answered here");
    error.code = ErrorCode::kUnsupported;
    return error;
  }
  const auto position = ParseInt64(Text(parsed, "position"));
  if (!position || *position < 0) return FailWith("SYNTAX_ERROR", message);
  const auto at = static_cast<std::size_t>(*position);
  if (IsBareRow(text.text(), at)) {
    message += "; VALUES takes rows in parentheses, as in VALUES (1), (2)";
  }
  return FailAt("SYNTAX_ERROR", text.PlaceAt(at), message);
}

}  // namespace

nlohmann::json TreeFrom(std::string text) {
  // A quote within a text has a backslash before it, so none of these is part of one.
  for (const std::string_view number : {"Infinity", "-Infinity", "NaN"}) {
    const auto field = fmt::format("\"value\":{}", number);
    for (auto at = text.find(field); at != std::string::npos; at = text.find(field, at)) {
      text.replace(at, field.size(), "\"value\":null");
    }
  }
  return json::parse(text, nullptr, false);
}

jobs::QueryResult<CheckedStatement> CheckStatement(const nlohmann::json& parsed,
                                                   const DuckText& text,
                                                   const jobs::QueryJob& job) {
  if (!parsed.is_object() || parsed.value("error", true)) {
    return std::unexpected(ParseError(parsed.is_object() ? parsed : json::object(), text));
  }
  const json* statements = Part(parsed, "statements");
  if (statements == nullptr || !statements->is_array() || statements->size() != 1) {
    return std::unexpected(FailWith(
        "SYNTAX_ERROR", statements == nullptr || statements->empty()
                            ? "the statement is empty"
                            : fmt::format("one statement at a time, not {}", statements->size())));
  }
  const json& statement = statements->front();
  const json* node = Part(statement, "node");
  if (node == nullptr) return std::unexpected(FailWith("SYNTAX_ERROR", "the statement is empty"));
  const bool has_time_names = AreTimeNamesFree(parsed, text.text(), job);
  Checker checker(text, job, has_time_names);
  ST_TRY_STATUS(checker.Statement(statement));
  return CheckedStatement{.items = ItemsOf(*node),
                          .uses = checker.TakeUses(),
                          .functions = checker.TakeFunctions(),
                          .counts = CountsOf(*node)};
}

}  // namespace st::worker::query
