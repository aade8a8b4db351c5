// The functions that need more than a line of the function table, each as a plan with Spark's
// answer. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

// A call whose arguments are translated.
struct Call {
  const SourceText& source;
  const Expr& expr;
  std::vector<Expression> args;
  Scope& scope;
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
std::span<const CustomFunction> CustomFunctions();

}  // namespace st::dialect::spark
