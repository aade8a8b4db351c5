// What the units of functions share: a call, and a function as an entry of the function table.
// Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

// Makes lambdas of the plan from those of the text.
class Lambdas {
 public:
  virtual ~Lambdas() = default;
  // A parameter with a name that no other has.
  virtual Expression NewVariable(const Type& type) = 0;
  // The body of `lambda`, a kLambda, whose parameters are these values.
  // Requires: there are at least as many as the lambda has.
  virtual Result<Expression> Body(const Expr& lambda,
                                  const std::vector<Expression>& parameters) = 0;
};

// A call whose arguments are translated; in the place of a lambda is a NULL.
struct Call {
  const SourceText& source;
  const Expr& expr;
  std::vector<Expression> args;
  Scope& scope;
  Lambdas& lambdas;
  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source.At(position, message));
  }
};

struct CustomFunction {
  std::string_view name;
  std::size_t least = 0;  // arguments
  std::size_t most = 0;
  std::string_view usage;
  // Requires: the call has `least` to `most` arguments.
  Result<Expression> (*make)(Call&) = nullptr;
};
inline constexpr std::size_t kManyArguments = 1000;

}  // namespace st::dialect::spark
