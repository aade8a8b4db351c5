#include "dialect/spark/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

bool IsDecimal(const Expression& value) { return value.type.kind == TypeKind::kDecimal; }

bool HasMap(const Type& type) {
  if (type.is_map()) return true;
  return type.nested != nullptr &&
         std::ranges::any_of(type.nested->fields,
                             [](const NestedField& field) { return HasMap(TypeOf(field.type)); });
}

}  // namespace

Status MakeComparable(const SourceText& source, const Expr& expr, std::vector<Expression>& values) {
  const auto wrong = [&](std::string_view message) {
    return std::unexpected(source.At(expr.position, message));
  };
  const auto has = [&](TypeKind kind) {
    return std::ranges::any_of(values, [&](const Expression& v) { return v.type.kind == kind; });
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Spark casts a constant string to a time where the other operand is one.
    const bool is_text = i < expr.args.size() && expr.args[i].kind == ExprKind::kString;
    for (const TypeKind kind : {TypeKind::kTimestampTz, TypeKind::kTimestamp, TypeKind::kDate}) {
      if (is_text && has(kind)) {
        ST_TRY(values[i], Cast(values[i], {.kind = kind}, false));
        break;
      }
    }
    if (IsDecimal(values[i]) && (has(TypeKind::kDouble) || has(TypeKind::kFloat))) {
      ST_TRY(values[i], Cast(values[i], {.kind = TypeKind::kDouble}, false));
    }
  }
  const auto is_calendar = [](const Expression& v) {
    return v.type.interval == IntervalKind::kCalendar;
  };
  if (std::ranges::any_of(values, is_calendar)) {
    return wrong("intervals of make_interval are not compared, as in Spark");
  }
  if (std::ranges::any_of(values, [](const Expression& v) { return HasMap(v.type); })) {
    return wrong("maps are not compared, as in Spark");
  }
  if (Unify(values)) return {};
  const bool are_exact = std::ranges::all_of(
      values, [](const Expression& v) { return v.type.is_integer() || IsDecimal(v); });
  if (are_exact) return {};
  return wrong(
      fmt::format("{} are compared; Spark would cast one of them, so say which: "
                  "CAST(… AS …)",
                  TypesOf(values)));
}

std::string TypesOf(const std::vector<Expression>& values) {
  std::string out;
  for (const auto& value : values) {
    const std::string name = SparkName(value.type);
    if (!out.ends_with(name)) out += (out.empty() ? "" : " and ") + name;
  }
  return out;
}

}  // namespace st::dialect::spark
