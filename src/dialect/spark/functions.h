// Inside the translator: the functions that need more than a template. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "dialect/spark/typed.h"

namespace st::dialect::spark {

struct CustomFunction {
  std::string_view name;
  std::size_t least = 0;  // arguments
  std::size_t most = 0;
  std::string_view usage;
  Result<Typed> (*make)(Call&) = nullptr;
};
std::span<const CustomFunction> CustomFunctions();

}  // namespace st::dialect::spark
