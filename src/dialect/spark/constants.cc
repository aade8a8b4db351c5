#include "dialect/spark/constants.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace st::dialect::spark {
namespace {

bool HasColumn(const Expression& value) {
  return value.kind == Expression::Kind::kColumn ||
         std::ranges::any_of(value.operands(), HasColumn);
}

template <std::size_t kCount>
bool IsCallOf(const Expr& expr, const std::array<std::string_view, kCount>& names) {
  return expr.kind == ExprKind::kCall && std::ranges::find(names, expr.text) != names.end();
}

// Takes one of its operands, or decides by them.
bool IsConditional(const Expr& expr) {
  static constexpr std::array<std::string_view, 7> kFunctions = {
      "if", "coalesce", "nvl", "nvl2", "ifnull", "nullif", "nanvl"};
  return expr.kind == ExprKind::kCase || IsCallOf(expr, kFunctions);
}

// Fails on purpose, when it is reached.
bool IsRaised(const Expr& expr) {
  static constexpr std::array<std::string_view, 2> kFunctions = {"raise_error", "assert_true"};
  return IsCallOf(expr, kFunctions);
}

}  // namespace

ConstantFinder::Before ConstantFinder::Begin(const Expr& expr) {
  return {.found = found_.size(), .raised = std::exchange(raised_, IsRaised(expr) ? 1 : 0)};
}

void ConstantFinder::End(const Expr& expr, const Expression& made, const Before& before) {
  if (raised_ > 0) {
    Forget(before);
  } else if (made.can_fail && !HasColumn(made)) {
    Forget(before);
    found_.push_back({.value = made, .position = expr.position});
  } else if (IsConditional(expr)) {
    Forget(before);
  } else if (made.can_fail) {
    AddCasts(expr, made, before);
  }
  raised_ += before.raised;
}

void ConstantFinder::Forget(const Before& before) {
  found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(before.found), found_.end());
}

// A literal beside a value of another type is cast by what stands around it.
void ConstantFinder::AddCasts(const Expr& expr, const Expression& made, const Before& before) {
  if (made.kind != Expression::Kind::kOperator) return;
  const auto literal = std::ranges::find(expr.args, ExprKind::kString, &Expr::kind);
  if (literal == expr.args.end()) return;
  for (const auto& operand : made.operands()) {
    if (!operand.can_fail || HasColumn(operand)) continue;
    const auto first = found_.begin() + static_cast<std::ptrdiff_t>(before.found);
    const auto is_known = [&](const Constant& known) { return known.value == operand; };
    if (std::any_of(first, found_.end(), is_known)) continue;
    found_.push_back({.value = operand, .position = literal->position});
  }
}

}  // namespace st::dialect::spark
