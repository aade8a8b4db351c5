// Arguments of functions: constants, and Spark's implicit casts to the types that a function takes.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/spark/functions.h"

namespace st::dialect::spark {

Result<std::string> TextLiteral(const Call& call, std::size_t index, std::string_view what);
Result<std::int64_t> IntegerLiteral(const Call& call, std::size_t index, std::string_view what);
bool IsNullLiteral(const Call& call, std::size_t index);

// The argument as a value of `to`: itself, or cast as Spark casts it by itself in ANSI mode.
// Errors: kInvalidArgument with the place, where Spark does not cast it.
Result<Expression> Argument(const Call& call, std::size_t index, TypeKind to);

// "f takes an array here, not INT", with the argument's place.
std::unexpected<Error> WrongType(const Call& call, std::size_t index, std::string_view wanted);

// The arguments brought to one type, as coalesce and CASE need it.
Result<std::vector<Expression>> OneType(const Call& call, std::vector<Expression> values);

// The call of a function in DuckDB; it can fail where an argument can.
Expression MakeCall(std::string_view function, std::vector<Expression> arguments, TypeKind result);
Expression MakeCall(std::string_view function, std::vector<Expression> arguments, Type result);

// The parts one after the other, texts, binaries or arrays of one type.
Expression Concatenation(std::vector<Expression> parts, Type type);

// Casts to INT, which Spark returns where some functions of DuckDB return BIGINT.
Expression AsInt(Expression value);

}  // namespace st::dialect::spark
