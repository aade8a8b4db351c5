// The functions that Spark has and pipelines have not, by why: docs/pipelines.md lists the same,
// which function_table_test.cc compares. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace st::dialect::spark {

// As a clause behind the function's name; nullopt: it is offered, or Spark has no such function.
std::optional<std::string_view> WhyRefused(std::string_view name);

}  // namespace st::dialect::spark
