#include "worker/query/filters.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "base/column_type.h"
#include "base/text.h"
#include "jobs/json.h"
#include "jobs/limits.h"
#include "worker/query/constants.h"
#include "worker/query/limits.h"

namespace st::worker::query {
namespace {

using jobs::StringAt;
using jobs::ValueAt;
using nlohmann::json;
using Op = RowFilter::Op;

// A double holds each whole number up to this one.
constexpr std::int64_t kMaxExactDouble = std::int64_t{1} << 53;
// DuckDB divides by a power of ten; up to this one a double holds the power, so the quotient is the
// double nearest to the decimal.
constexpr int kMaxExactPower = 22;

bool IsTime(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
}

Op OpOf(std::string_view comparison) {
  if (comparison == "COMPARE_EQUAL") return Op::kEqual;
  if (comparison == "COMPARE_LESSTHAN") return Op::kLess;
  if (comparison == "COMPARE_LESSTHANOREQUALTO") return Op::kLessOrEqual;
  if (comparison == "COMPARE_GREATERTHAN") return Op::kGreater;
  if (comparison == "COMPARE_GREATERTHANOREQUALTO") return Op::kGreaterOrEqual;
  return Op::kAny;
}

// The comparison with its sides exchanged.
Op Mirrored(Op op) {
  switch (op) {
    case Op::kLess:
      return Op::kGreater;
    case Op::kLessOrEqual:
      return Op::kGreaterOrEqual;
    case Op::kGreater:
      return Op::kLess;
    case Op::kGreaterOrEqual:
      return Op::kLessOrEqual;
    default:
      return op;
  }
}

std::optional<std::string> DoubleText(const json& value) {
  if (StringAt(ValueAt(value, "type"), "id") == "DOUBLE") {
    const json& number = ValueAt(value, "value");
    if (!number.is_number_float() || !std::isfinite(number.get<double>())) return std::nullopt;
    return fmt::format("{}", number.get<double>());
  }
  const auto number = NumberFrom(value);
  if (!number || std::abs(number->digits) > kMaxExactDouble || number->scale > kMaxExactPower) {
    return std::nullopt;
  }
  return DecimalText(*number);
}

// The value of RowFilter for a literal beside a column that is no date or time.
std::optional<std::string> LiteralFor(const json& constant, const ColumnType& column) {
  const json& value = ValueAt(constant, "value");
  if (value.value("is_null", true)) return std::nullopt;
  if (column.kind == TypeKind::kString) {
    if (StringAt(ValueAt(value, "type"), "id") != "VARCHAR") return std::nullopt;
    return StringAt(value, "value");
  }
  if (column.kind == TypeKind::kDouble) return DoubleText(value);
  const auto number = NumberFrom(value);
  if (!number) return std::nullopt;
  if (column.kind == TypeKind::kDecimal) return DecimalText(*number);
  if (!column.is_integer() || number->scale != 0) return std::nullopt;
  return std::to_string(number->digits);
}

// The expression of RowFilter for another constant. DuckDB casts a text beside a date or time.
std::optional<std::string> ExpressionFor(const json& constant, const ColumnType& column,
                                         bool has_time_names) {
  auto text = ConstantText(constant, has_time_names);
  const bool is_text = StringAt(constant, "class") == "CONSTANT" &&
                       StringAt(ValueAt(ValueAt(constant, "value"), "type"), "id") == "VARCHAR";
  if (!text || !is_text || !IsTime(column.kind)) return text;
  return fmt::format("CAST({} AS {})", *text, DuckDbName(column));
}

class Reader {
 public:
  explicit Reader(const TableScope& scope) : scope_(scope) {}

  RowFilter Condition(const json& condition, int depth) {
    const auto kind = StringAt(condition, "class");
    const auto type = StringAt(condition, "type");
    if (depth > jobs::kMaxFilterDepth / 2) return {};
    if (type == "CONJUNCTION_AND") return All(Conditions(ValueAt(condition, "children"), depth));
    if (type == "CONJUNCTION_OR") return One(Conditions(ValueAt(condition, "children"), depth));
    if (kind == "COMPARISON") {
      const json& left = ValueAt(condition, "left");
      const json& right = ValueAt(condition, "right");
      auto filter = Comparison(OpOf(type), left, right);
      return filter.op != Op::kAny ? filter : Comparison(Mirrored(OpOf(type)), right, left);
    }
    if (kind == "BETWEEN") {
      const json& input = ValueAt(condition, "input");
      return All({Comparison(Op::kGreaterOrEqual, input, ValueAt(condition, "lower")),
                  Comparison(Op::kLessOrEqual, input, ValueAt(condition, "upper"))});
    }
    const json& operands = ValueAt(condition, "children");
    if (kind != "OPERATOR" || !operands.is_array() || operands.empty()) return {};
    if (type == "COMPARE_IN") return In(operands);
    if (type == "OPERATOR_IS_NULL") return NullTest(Op::kIsNull, operands.front());
    if (type == "OPERATOR_IS_NOT_NULL") return NullTest(Op::kIsNotNull, operands.front());
    return {};
  }
  bool has_too_many() const { return constants_ > kMaxFilterConstants; }

 private:
  std::vector<RowFilter> Conditions(const json& conditions, int depth) {
    std::vector<RowFilter> filters;
    for (const json& each : conditions) filters.push_back(Condition(each, depth + 1));
    return filters;
  }

  static RowFilter All(std::vector<RowFilter> filters) {
    std::erase_if(filters, [](const RowFilter& filter) { return filter.op == Op::kAny; });
    if (filters.empty()) return {};
    if (filters.size() == 1) return std::move(filters.front());
    return {.op = Op::kAll, .value = {}, .children = std::move(filters)};
  }
  static RowFilter One(std::vector<RowFilter> filters) {
    const auto is_any = [](const RowFilter& filter) { return filter.op == Op::kAny; };
    if (filters.empty() || std::ranges::any_of(filters, is_any)) return {};
    return {.op = Op::kOne, .value = {}, .children = std::move(filters)};
  }

  RowFilter In(const json& operands) {
    std::vector<RowFilter> filters;
    for (std::size_t i = 1; i < operands.size() && !has_too_many(); ++i) {
      filters.push_back(Comparison(Op::kEqual, operands.front(), operands[i]));
    }
    return One(std::move(filters));
  }

  RowFilter NullTest(Op op, const json& operand) const {
    const auto* column = ColumnOf(operand);
    if (column == nullptr) return {};
    return {.op = op, .column_id = column->id, .value = {}, .children = {}};
  }

  RowFilter Comparison(Op op, const json& left, const json& right) {
    const auto* column = ColumnOf(left);
    if (op == Op::kAny || column == nullptr) return {};
    const auto type = ColumnTypeFromIceberg(column->type);
    if (!type) return {};
    const bool is_expression = IsTime(type->kind) || StringAt(right, "class") != "CONSTANT";
    auto value = is_expression ? ExpressionFor(right, *type, scope_.has_time_names)
                               : LiteralFor(right, *type);
    if (!value) return {};
    ++constants_;
    return {.op = op,
            .column_id = column->id,
            .value = *std::move(value),
            .is_expression = is_expression,
            .children = {}};
  }

  // The table's column that an expression is; nullptr: it is none, or it may be another table's.
  const jobs::TableColumn* ColumnOf(const json& expression) const {
    const json& names = ValueAt(expression, "column_names");
    if (StringAt(expression, "class") != "COLUMN_REF" || !names.is_array() || names.empty() ||
        names.size() > 2 || !std::ranges::all_of(names, &json::is_string)) {
      return nullptr;
    }
    const bool is_qualified = names.size() == 2;
    if (is_qualified ? !EqualsIgnoreCase(names[0].get<std::string>(), scope_.name)
                     : !scope_.is_alone) {
      return nullptr;
    }
    const auto name = names.back().get<std::string>();
    const auto found = std::ranges::find_if(scope_.table.columns, [&](const auto& column) {
      return EqualsIgnoreCase(column.name, name);
    });
    return found == scope_.table.columns.end() ? nullptr : &*found;
  }

  const TableScope& scope_;
  std::size_t constants_ = 0;
};

std::size_t Comparisons(const RowFilter& filter) {
  std::size_t count = filter.children.empty() ? 1 : 0;
  for (const auto& child : filter.children) count += Comparisons(child);
  return count;
}

}  // namespace

RowFilter FilterFrom(const json& where, const TableScope& scope) {
  Reader reader(scope);
  auto filter = reader.Condition(where, 0);
  return reader.has_too_many() ? RowFilter() : filter;
}

RowFilter EitherOf(RowFilter a, RowFilter b) {
  if (a.op == Op::kAny || b.op == Op::kAny) return {};
  if (Comparisons(a) + Comparisons(b) > kMaxFilterConstants) return {};
  if (a.op == Op::kOne) {
    a.children.push_back(std::move(b));
    return a;
  }
  return {.op = Op::kOne, .value = {}, .children = {std::move(a), std::move(b)}};
}

}  // namespace st::worker::query
