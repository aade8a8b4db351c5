#include "dialect/spark/choice_functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

// A call of DuckDB's `function` whose arguments have one type, which is the result's type too.
Result<Expression> OfOneType(const Call& call, std::string_view function) {
  ST_TRY(auto values, OneType(call, call.args));
  const Type type = values[0].type;
  return MakeCall(function, std::move(values), type);
}

Result<Expression> Coalesce(Call& call) { return OfOneType(call, "coalesce"); }

// The result is of the first one's type.
Result<Expression> NullIf(Call& call) {
  ST_TRY(auto both, OneType(call, call.args));
  const Type type = call.args[0].type;
  if (both[0].type == type) return MakeCall("nullif", std::move(both), type);
  Expression made = Expression::Case({{Expression::Apply(Operator::kEqual, std::move(both)),
                                       Expression::Cast(Expression::Null(), type)}},
                                     call.args[0]);
  made.type = type;
  return std::move(made).InBrackets();
}

// Spark casts no texts here.
Result<Expression> Extreme(Call& call) {
  const auto is_text = [](const Expression& arg) { return arg.type.kind == kString; };
  const auto is_other = [](const Expression& arg) {
    return arg.type.kind != kString && !arg.type.is_void();
  };
  if (std::ranges::any_of(call.args, is_text) && std::ranges::any_of(call.args, is_other)) {
    return call.Wrong(
        call.expr.position,
        fmt::format("{} needs values of one type; write CAST(… AS …)", call.expr.text));
  }
  return OfOneType(call, call.expr.text);
}

Result<Expression> If(Call& call) {
  if (call.args[0].type.kind == kString) {
    return call.Wrong(call.expr.args[0].position, "a condition is BOOLEAN, not STRING");
  }
  ST_TRY(auto condition, Argument(call, 0, kBoolean));
  ST_TRY(auto values, OneType(call, {call.args[1], call.args[2]}));
  const Type type = values[0].type;
  Expression made = Expression::Case({{std::move(condition), values[0]}}, values[1]);
  made.type = type;
  return made;
}

Result<Expression> Nvl2(Call& call) {
  ST_TRY(auto values, OneType(call, {call.args[1], call.args[2]}));
  return Expression::Case({{Expression::Apply(Operator::kIsNotNull, {call.args[0]}), values[0]}},
                          values[1])
      .InBrackets();
}

Result<Expression> IsNull(Call& call) {
  return Expression::Apply(Operator::kIsNull, call.args).InBrackets();
}

Result<Expression> IsNotNull(Call& call) {
  return Expression::Apply(Operator::kIsNotNull, call.args).InBrackets();
}

Result<Expression> EqualNull(Call& call) {
  ST_TRY(auto values, OneType(call, call.args));
  return Expression::Apply(Operator::kIsNotDistinct, std::move(values)).InBrackets();
}

// zeroifnull(x) is coalesce(x, 0), and nullifzero(x) nullif(x, 0).
Result<Expression> Zero(Call& call) {
  if (call.expr.text == "nullifzero" && call.args[0].type.kind == kFloat) {
    return MakeCall("nullif",
                    {call.args[0], Expression::Cast(Expression::Integer(0), call.args[0].type)},
                    call.args[0].type);
  }
  ST_TRY(auto values, OneType(call, {call.args[0], Expression::Integer(0)}));
  const Type type = values[0].type;
  return MakeCall(call.expr.text == "zeroifnull" ? "coalesce" : "nullif", std::move(values), type);
}

Result<Expression> TypeOf(Call& call) { return Expression::Text(SimpleName(call.args[0].type)); }

// bigint(x) is CAST(x AS BIGINT).
Result<Expression> CastByName(Call& call) {
  TypeName name;
  name.name = call.expr.text;
  const auto type = TypeFromName(name);
  if (!type) return call.Wrong(call.expr.position, "this is no type");
  auto cast = Cast(call.args[0], *type, false);
  if (!cast) return call.Wrong(call.expr.position, cast.error().message());
  return cast;
}

Result<Expression> Elt(Call& call) {
  ST_TRY(auto number, Argument(call, 0, kInt));
  ST_TRY(auto values, OneType(call, {call.args.begin() + 1, call.args.end()}));
  const Type type = values[0].type;
  std::vector<CaseBranch> branches = {
      {Expression::Apply(Operator::kIsNull, {number}), Expression::Cast(Expression::Null(), type)}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    branches.push_back(
        {Expression::Apply(Operator::kEqual,
                           {number, Expression::Integer(static_cast<std::int64_t>(i) + 1)}),
         values[i]});
  }
  Expression made = Expression::Case(
      std::move(branches), MakeCall("error",
                                    {Expression::Text("[INVALID_ARRAY_INDEX] elt has no argument "
                                                      "of that number")},
                                    type));
  made.type = type;
  return std::move(made).InBrackets().CanFail();
}

// NULL, or an error.
Result<Expression> AssertTrue(Call& call) {
  ST_TRY(auto condition, Argument(call, 0, kBoolean));
  Expression message = Expression::Text("[USER_RAISED_EXCEPTION] an assertion does not hold");
  if (call.args.size() == 2) {
    ST_TRY(message, Argument(call, 1, kString));
  }
  Expression error = MakeCall("error", {std::move(message)}, kUnknown);
  Expression made = Expression::Case(
      {{Expression::Apply(Operator::kIsNotTrue, {std::move(condition)}), std::move(error)}});
  return std::move(made).InBrackets().CanFail();
}

Result<Expression> RaiseError(Call& call) {
  ST_TRY(auto message, Argument(call, 0, kString));
  const Expression words = Expression::Text("[USER_RAISED_EXCEPTION] ");
  return MakeCall("error",
                  {MakeCall("concat", {words, std::move(message)}, kString)},  // never NULL
                  kUnknown)
      .CanFail();
}

constexpr std::array kChoice = {
    Custom{"coalesce", 1, kManyArguments, "coalesce(value, …)", Coalesce},
    Custom{"ifnull", 2, 2, "ifnull(value, value)", Coalesce},
    Custom{"nvl", 2, 2, "nvl(value, value)", Coalesce},
    Custom{"nvl2", 3, 3, "nvl2(value, if not null, if null)", Nvl2},
    Custom{"nullif", 2, 2, "nullif(value, value)", NullIf},
    Custom{"zeroifnull", 1, 1, "zeroifnull(number)", Zero},
    Custom{"nullifzero", 1, 1, "nullifzero(number)", Zero},
    Custom{"if", 3, 3, "if(condition, value, value)", If},
    Custom{"isnull", 1, 1, "isnull(value)", IsNull},
    Custom{"isnotnull", 1, 1, "isnotnull(value)", IsNotNull},
    Custom{"equal_null", 2, 2, "equal_null(value, value)", EqualNull},
    Custom{"greatest", 2, kManyArguments, "greatest(value, value, …)", Extreme},
    Custom{"least", 2, kManyArguments, "least(value, value, …)", Extreme},
    Custom{"bigint", 1, 1, "bigint(value)", CastByName},
    Custom{"binary", 1, 1, "binary(value)", CastByName},
    Custom{"boolean", 1, 1, "boolean(value)", CastByName},
    Custom{"decimal", 1, 1, "decimal(value)", CastByName},
    Custom{"double", 1, 1, "double(value)", CastByName},
    Custom{"float", 1, 1, "float(value)", CastByName},
    Custom{"int", 1, 1, "int(value)", CastByName},
    Custom{"string", 1, 1, "string(value)", CastByName},
    Custom{"elt", 2, kManyArguments, "elt(number, value, …)", Elt},
    Custom{"typeof", 1, 1, "typeof(value)", TypeOf},
    Custom{"raise_error", 1, 1, "raise_error(message)", RaiseError},
    Custom{"assert_true", 1, 2, "assert_true(condition[, message])", AssertTrue},
};

}  // namespace

std::span<const CustomFunction> ChoiceFunctions() { return kChoice; }

}  // namespace st::dialect::spark
