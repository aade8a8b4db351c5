#include "worker/query/constants.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "base/column_type.h"
#include "base/text.h"
#include "jobs/json.h"

namespace st::worker::query {
namespace {

using jobs::BoolAt;
using jobs::StringAt;
using jobs::ValueAt;
using nlohmann::json;
using Op = RowFilter::Op;

constexpr int kMaxDepth = 16;
constexpr auto kTimeNames =
    std::to_array<std::string_view>({"current_date", "current_timestamp", "localtimestamp"});
constexpr auto kIntegers =
    std::to_array<std::string_view>({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"});
constexpr auto kCasts = std::to_array<std::string_view>({"TINYINT", "SMALLINT", "INTEGER", "BIGINT",
                                                         "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP",
                                                         "TIMESTAMP WITH TIME ZONE", "INTERVAL"});
constexpr auto kOperators = std::to_array<std::string_view>({"+", "-", "*"});
// One value in a statement, whatever the row.
constexpr auto kFunctions = std::to_array<std::string_view>({"now",
                                                             "get_current_timestamp",
                                                             "current_localtimestamp",
                                                             "today",
                                                             "date",
                                                             "date_add",
                                                             "date_trunc",
                                                             "from_iso8601_date",
                                                             "from_iso8601_timestamp",
                                                             "from_unixtime",
                                                             "timezone",
                                                             "to_days",
                                                             "to_hours",
                                                             "to_microseconds",
                                                             "to_milliseconds",
                                                             "to_minutes",
                                                             "to_months",
                                                             "to_seconds",
                                                             "to_weeks",
                                                             "to_years",
                                                             "trunc"});

template <std::size_t N>
bool IsOneOf(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

class Writer {
 public:
  explicit Writer(bool has_time_names) : has_time_names_(has_time_names) {}

  std::optional<std::string> Text(const json& expression, int depth) const {
    const auto kind = StringAt(expression, "class");
    if (depth > kMaxDepth) return std::nullopt;
    if (kind == "CONSTANT") return Literal(ValueAt(expression, "value"));
    if (kind == "CAST") return Cast(expression, depth);
    if (kind == "FUNCTION") return Call(expression, depth);
    if (kind == "COLUMN_REF") return TimeName(ValueAt(expression, "column_names"));
    return std::nullopt;
  }

 private:
  static std::optional<std::string> Literal(const json& value) {
    const auto type = StringAt(ValueAt(value, "type"), "id");
    const json& of = ValueAt(value, "value");
    if (BoolAt(value, "is_null", true)) return std::nullopt;
    if (type == "VARCHAR" && of.is_string()) return sql::QuoteText(of.get<std::string>());
    if (type == "DOUBLE" && of.is_number_float() && std::isfinite(of.get<double>())) {
      return fmt::format("CAST('{}' AS DOUBLE)", of.get<double>());
    }
    const auto number = NumberFrom(value);
    return number ? std::optional(fmt::format("({})", DecimalText(*number))) : std::nullopt;
  }

  static std::optional<std::string> TypeText(const json& type) {
    const auto id = StringAt(type, "id");
    const json& info = ValueAt(type, "type_info");
    if (info.is_null() && IsOneOf(id, kCasts)) return id;
    const json& width = ValueAt(info, "width");
    const json& scale = ValueAt(info, "scale");
    if (id != "DECIMAL" || !width.is_number_integer() || !scale.is_number_integer()) {
      return std::nullopt;
    }
    return fmt::format("DECIMAL({},{})", width.get<int>(), scale.get<int>());
  }

  std::optional<std::string> Cast(const json& cast, int depth) const {
    const auto type = TypeText(ValueAt(cast, "cast_type"));
    if (!type || BoolAt(cast, "try_cast", true)) return std::nullopt;
    const auto of = Text(ValueAt(cast, "child"), depth + 1);
    return of ? std::optional(fmt::format("CAST({} AS {})", *of, *type)) : std::nullopt;
  }

  std::optional<std::string> Call(const json& call, int depth) const {
    const auto name = AsciiLower(StringAt(call, "function_name"));
    const auto schema = StringAt(call, "schema");
    const json& orders = ValueAt(ValueAt(call, "order_bys"), "orders");
    const bool is_plain = (schema.empty() || schema == "main") &&
                          StringAt(call, "catalog").empty() && ValueAt(call, "filter").is_null() &&
                          !BoolAt(call, "distinct", true) && (orders.is_null() || orders.empty());
    const bool is_operator = BoolAt(call, "is_operator");
    if (!is_plain || !(is_operator ? IsOneOf(name, kOperators) : IsOneOf(name, kFunctions))) {
      return std::nullopt;
    }
    std::vector<std::string> arguments;
    for (const json& child : ValueAt(call, "children")) {
      auto text = Text(child, depth + 1);
      if (!text) return std::nullopt;
      arguments.push_back(*std::move(text));
    }
    if (!is_operator) {
      return fmt::format("{}({})", sql::QuoteName(name), fmt::join(arguments, ", "));
    }
    if (arguments.size() == 1) return fmt::format("({}{})", name, arguments[0]);
    if (arguments.size() == 2) return fmt::format("({} {} {})", arguments[0], name, arguments[1]);
    return std::nullopt;
  }

  std::optional<std::string> TimeName(const json& names) const {
    if (!has_time_names_ || !names.is_array() || names.size() != 1 || !names[0].is_string()) {
      return std::nullopt;
    }
    auto name = AsciiLower(names[0].get<std::string>());
    return IsTimeName(name) ? std::optional(std::move(name)) : std::nullopt;
  }

  const bool has_time_names_;
};

struct Constant {
  RowFilter* filter = nullptr;
  ColumnType column;
};

void Gather(const jobs::QueryTable& table, RowFilter& filter, std::vector<Constant>& constants) {
  for (auto& child : filter.children) Gather(table, child, constants);
  if (!filter.is_expression) return;
  const auto column = std::ranges::find(table.columns, filter.column_id, &jobs::TableColumn::id);
  const auto type =
      column == table.columns.end() ? std::nullopt : ColumnTypeFromIceberg(column->type);
  if (type) {
    constants.push_back({&filter, *type});
  } else {
    filter = {};
  }
}

bool IsTime(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
}

// Whether DuckDB compares the column in its own type, or in a wider one that keeps every value,
// with a constant of that type.
bool IsComparable(TypeKind column, std::string_view constant) {
  const auto type = ColumnTypeFromDuckDb(constant);
  const auto kind = type ? type->kind : TypeKind::kUnknown;
  switch (column) {
    case TypeKind::kInt:
    case TypeKind::kLong:
      return IsOneOf(constant, kIntegers);
    case TypeKind::kDecimal:
      return IsOneOf(constant, kIntegers) || kind == TypeKind::kDecimal;
    case TypeKind::kDouble:
    case TypeKind::kString:
      return kind == column;
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return kind == TypeKind::kDate || kind == TypeKind::kTimestamp;
    case TypeKind::kTimestampTz:
      return IsTime(kind);
    default:
      return false;
  }
}

// A day is compared with a moment by its midnight, so a day before a moment may be the moment's.
Op OfDays(Op op) {
  if (op == Op::kLess) return Op::kLessOrEqual;
  return op == Op::kGreater ? Op::kGreaterOrEqual : op;
}

void Take(const Constant& constant, std::string_view type, std::string value) {
  RowFilter& filter = *constant.filter;
  if (!IsComparable(constant.column.kind, type)) {
    filter = {};
    return;
  }
  if (constant.column.kind == TypeKind::kDate && type == "TIMESTAMP") filter.op = OfDays(filter.op);
  if (constant.column.kind == TypeKind::kDecimal && value.contains('.')) {
    while (value.ends_with('0')) value.pop_back();
    if (value.ends_with('.')) value.pop_back();
  }
  filter.value = std::move(value);
  filter.is_expression = false;
}

}  // namespace

std::optional<Number> NumberFrom(const json& value) {
  const json& type = ValueAt(value, "type");
  const json& digits = ValueAt(value, "value");
  const auto id = StringAt(type, "id");
  if (!digits.is_number_integer()) return std::nullopt;
  if (IsOneOf(id, kIntegers)) return Number{digits.get<std::int64_t>(), 0};
  const json& scale = ValueAt(ValueAt(type, "type_info"), "scale");
  if (id != "DECIMAL" || !scale.is_number_integer()) return std::nullopt;
  return Number{digits.get<std::int64_t>(), scale.get<int>()};
}

std::string DecimalText(const Number& number) {
  const bool is_negative = number.digits < 0;
  auto digits = std::to_string(number.digits).substr(is_negative ? 1 : 0);
  const auto scale = static_cast<std::size_t>(number.scale);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return (is_negative ? "-" : "") + digits;
}

bool IsTimeName(std::string_view name) { return IsOneOf(AsciiLower(name), kTimeNames); }

bool AreTimeNamesFree(const json& parsed, std::string_view sql, const jobs::QueryJob& job) {
  const auto lower = AsciiLower(sql);
  const auto is_there = [&](std::string_view name) { return lower.contains(name); };
  if (std::ranges::none_of(kTimeNames, is_there)) return false;
  for (const auto& table : job.tables) {
    const auto is_named = [](const auto& column) { return IsTimeName(column.name); };
    if (std::ranges::any_of(table.columns, is_named)) return false;
  }
  const auto tree = AsciiLower(parsed.dump());
  const auto count = [&tree](const std::string& text) {
    std::size_t n = 0;
    for (auto at = tree.find(text); at != std::string::npos; at = tree.find(text, at + 1)) ++n;
    return n;
  };
  return std::ranges::all_of(kTimeNames, [&](std::string_view name) {
    return count(fmt::format("\"{}\"", name)) ==
           count(fmt::format("\"column_names\":[\"{}\"]", name));
  });
}

std::optional<std::string> ConstantText(const json& expression, bool has_time_names) {
  return Writer(has_time_names).Text(expression, 0);
}

bool HasExpressions(const RowFilter& filter) {
  return filter.is_expression || std::ranges::any_of(filter.children, HasExpressions);
}

Status EvaluateConstants(sql::Connection& connection, const jobs::QueryTable& table,
                         RowFilter& filter) {
  std::vector<Constant> constants;
  Gather(table, filter, constants);
  if (constants.empty()) return {};
  std::string list;
  for (const auto& [part, column] : constants) {
    const auto value = IsTime(column.kind)
                           ? fmt::format("TRY_CAST({} AS {})", part->value, DuckDbName(column))
                           : part->value;
    list += fmt::format("{}typeof({}), CAST({} AS VARCHAR)", list.empty() ? "" : ", ", part->value,
                        value);
  }
  ST_TRY(auto statement, connection.Prepare("SELECT " + list));
  ST_TRY(auto rows, statement.Execute());
  ST_TRY(const auto chunk, rows.Next());
  if (!chunk) return Fail(ErrorCode::kIo, "a SELECT without FROM gave no row");
  for (std::size_t i = 0; i < constants.size(); ++i) {
    if (chunk->Column(2 * i + 1).IsNull(0)) {
      *constants[i].filter = {};
      continue;
    }
    Take(constants[i], chunk->Column(2 * i).StringAt(0),
         std::string(chunk->Column(2 * i + 1).StringAt(0)));
  }
  return {};
}

}  // namespace st::worker::query
