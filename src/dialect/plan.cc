#include "dialect/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace st::dialect {
namespace {

Type ResultOf(Operator op, const std::vector<Expression>& operands) {
  switch (op) {
    case Operator::kConcatenate:
      return {.kind = TypeKind::kString};
    case Operator::kAdd:
    case Operator::kSubtract:
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kDivideWhole:
    case Operator::kRemainder:
    case Operator::kNegate:
      return operands.front().type;
    default:
      return {.kind = TypeKind::kBoolean};
  }
}

Expression Literal(std::string_view text, Type type) {
  Expression literal;
  literal.type = type;
  literal.text = text;
  return literal;
}

Expression Node(Expression::Kind kind, std::vector<Expression> operands, Type type) {
  Expression node;
  node.kind = kind;
  node.type = type;
  node.can_fail = AnyFails(operands);
  for (const auto& operand : operands) node.depth = std::max(node.depth, operand.depth + 1);
  node.shared_operands = std::make_shared<const std::vector<Expression>>(std::move(operands));
  return node;
}

std::vector<Expression> One(Expression value) {
  std::vector<Expression> operands;
  operands.push_back(std::move(value));
  return operands;
}

}  // namespace

const std::vector<Expression>& Expression::operands() const {
  static const std::vector<Expression> none;
  return shared_operands ? *shared_operands : none;
}

Expression Expression::Null() { return Literal("NULL", {}); }

Expression Expression::Boolean(bool value) {
  return Literal(value ? "true" : "false", {.kind = TypeKind::kBoolean});
}

Expression Expression::Integer(std::int64_t value) {
  const bool is_int = value >= INT32_MIN && value <= INT32_MAX;
  return Literal(fmt::format("{}", value), {.kind = is_int ? TypeKind::kInt : TypeKind::kLong});
}

Expression Expression::Number(std::string_view digits, Type type) { return Literal(digits, type); }

Expression Expression::Text(std::string_view text) {
  return Literal(text, {.kind = TypeKind::kString});
}

Expression Expression::Time(std::string_view text, TypeKind kind) {
  return Literal(text, {.kind = kind});
}

Expression Expression::Column(std::string_view name, Type type) {
  Expression column = Literal(name, type);
  column.kind = Kind::kColumn;
  return column;
}

Expression Expression::PlainColumn(std::string_view name, Type type) {
  Expression column = Column(name, type);
  column.is_plain = true;
  return column;
}

Expression Expression::Call(std::string_view function, std::vector<Expression> arguments,
                            Type type) {
  Expression call = Node(Kind::kCall, std::move(arguments), type);
  call.text = function;
  return call;
}

Expression Expression::Apply(Operator op, std::vector<Expression> operands) {
  const Type type = ResultOf(op, operands);
  Expression node = Node(Kind::kOperator, std::move(operands), type);
  node.op = op;
  return node;
}

Expression Expression::Cast(Expression value, Type type, bool is_try) {
  Expression cast = Node(Kind::kCast, One(std::move(value)), type);
  cast.is_try = is_try;
  return cast;
}

Expression Expression::Case(std::vector<CaseBranch> branches, std::optional<Expression> otherwise) {
  std::vector<Expression> operands;
  operands.reserve(branches.size() * 2 + 1);
  for (auto& branch : branches) {
    operands.push_back(std::move(branch.when));
    operands.push_back(std::move(branch.then));
  }
  const Type type = operands.at(1).type;
  if (otherwise) operands.push_back(*std::move(otherwise));
  return Node(Kind::kCase, std::move(operands), type);
}

Expression Expression::Element(Expression list, std::size_t place, Type type) {
  Expression element = Node(Kind::kElement, One(std::move(list)), type);
  element.text = fmt::format("{}", place);
  return element;
}

Expression Expression::List(std::vector<Expression> values) {
  const Type type = ListOf(values.empty() ? Type() : values.front().type);
  return Node(Kind::kList, std::move(values), type);
}

Expression Expression::Struct(const std::vector<std::string>& names,
                              std::vector<Expression> values) {
  std::vector<NamedType> fields;
  for (std::size_t i = 0; i < values.size(); ++i) {
    fields.emplace_back(names.at(i), values[i].type);
  }
  return Node(Kind::kStruct, std::move(values), StructOf(fields));
}

Expression Expression::Lambda(std::vector<std::string> names, Expression body) {
  const Type type = body.type;
  Expression lambda = Node(Kind::kLambda, One(std::move(body)), type);
  lambda.names = std::move(names);
  return lambda;
}

Expression Expression::InBrackets() && {
  in_brackets = true;
  return std::move(*this);
}

Expression Expression::CanFail(bool value) && {
  can_fail = value;
  return std::move(*this);
}

bool operator==(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.op == b.op && a.type == b.type && a.can_fail == b.can_fail &&
         a.in_brackets == b.in_brackets && a.is_plain == b.is_plain && a.is_try == b.is_try &&
         a.depth == b.depth && a.text == b.text && a.names == b.names &&
         (a.shared_operands == b.shared_operands || a.operands() == b.operands());
}

bool AnyFails(const std::vector<Expression>& values) {
  return std::ranges::any_of(values, &Expression::can_fail);
}

}  // namespace st::dialect
