#include "dialect/spark/function_table.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/text.h"
#include "dialect/spark/array_functions.h"
#include "dialect/spark/choice_functions.h"
#include "dialect/spark/generators.h"
#include "dialect/spark/interval_functions.h"
#include "dialect/spark/json_functions.h"
#include "dialect/spark/lambda_functions.h"
#include "dialect/spark/nested_functions.h"
#include "dialect/spark/number_functions.h"
#include "dialect/spark/pattern_functions.h"
#include "dialect/spark/refused_functions.h"
#include "dialect/spark/simple_functions.h"
#include "dialect/spark/text_functions.h"
#include "dialect/spark/time_functions.h"

namespace st::dialect::spark {
namespace {

constexpr std::array<std::string_view, 26> kClock = {"current_timestamp",
                                                     "now",
                                                     "current_date",
                                                     "curdate",
                                                     "localtimestamp",
                                                     "current_time",
                                                     "rand",
                                                     "random",
                                                     "randn",
                                                     "uuid",
                                                     "shuffle",
                                                     "monotonically_increasing_id",
                                                     "input_file_name",
                                                     "input_file_block_start",
                                                     "input_file_block_length",
                                                     "randstr",
                                                     "current_catalog",
                                                     "current_user",
                                                     "user",
                                                     "spark_partition_id",
                                                     "session_user",
                                                     "version",
                                                     "current_schema",
                                                     "current_timezone",
                                                     "current_database",
                                                     "uniform"};

std::array<std::span<const CustomFunction>, 10> CustomFunctions() {
  return {ChoiceFunctions(), IntervalFunctions(), JsonFunctions(),    LambdaFunctions(),
          NestedFunctions(), NumberFunctions(),   PatternFunctions(), TextFunctions(),
          TimeFunctions(),   ArrayFunctions()};
}

const CustomFunction* FindCustom(std::string_view name) {
  for (const auto& unit : CustomFunctions()) {
    const auto found = std::ranges::find(unit, name, &CustomFunction::name);
    if (found != unit.end()) return &*found;
  }
  return nullptr;
}

std::unexpected<Error> WrongCount(const Call& call, std::string_view usage) {
  return call.Wrong(call.expr.position,
                    fmt::format("{} arguments do not fit; write {}", call.args.size(), usage));
}

std::unexpected<Error> Unknown(const Call& call) {
  const std::string& name = call.expr.text;
  if (IsClockFunction(name) || (name == "unix_timestamp" && call.args.empty())) {
    return call.Wrong(call.expr.position, ClockMessage(name));
  }
  if (IsGenerator(name)) {
    return call.Wrong(call.expr.position,
                      fmt::format("{0} makes rows, so it stands alone in the SELECT, as in SELECT "
                                  "{0}(…) AS …, or in LATERAL VIEW",
                                  name));
  }
  if (const auto why = WhyRefused(name)) {
    return call.Wrong(call.expr.position, fmt::format("{}: {}", name, *why));
  }
  const auto nearest = NearestName(name, FunctionNames());
  return call.Wrong(
      call.expr.position,
      fmt::format("function {} is not supported{}; docs/pipelines.md lists those that are", name,
                  nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
}

}  // namespace

bool IsClockFunction(std::string_view name) {
  return std::ranges::find(kClock, name) != kClock.end();
}

std::string ClockMessage(std::string_view name) {
  return fmt::format(
      "{} gives another answer each time; what a pipeline writes depends on its records alone "
      "(take the column timestamp for a record's time)",
      name);
}

Result<Expression> TranslateCall(Call& call) {
  const std::string& name = call.expr.text;
  for (const auto& arg : call.expr.args) {
    if (arg.kind == ExprKind::kStar) {
      if (WhyRefused(name)) return Unknown(call);
      return call.Wrong(arg.position, fmt::format("{} takes no star here; name the columns", name));
    }
    const auto lambdas = LambdaFunctions();
    if (arg.kind == ExprKind::kLambda &&
        std::ranges::find(lambdas, name, &CustomFunction::name) == lambdas.end()) {
      return call.Wrong(arg.position, fmt::format("{} takes no lambda", name));
    }
  }
  if (std::ranges::any_of(call.args,
                          [](const Expression& arg) { return arg.type.is_interval(); })) {
    ST_TRY(auto made, TranslateIntervalCall(call));
    if (made) return *std::move(made);
  }
  // An array goes to the function over arrays where texts have one of that name, too.
  if (std::ranges::any_of(call.args, [](const Expression& arg) { return arg.type.is_list(); })) {
    const auto arrays = ArrayFunctions();
    const auto found = std::ranges::find(arrays, name, &CustomFunction::name);
    if (found != arrays.end() && call.args.size() >= found->least &&
        call.args.size() <= found->most) {
      return found->make(call);
    }
  }
  ST_TRY(auto simple, TranslateSimpleCall(call));
  if (simple) return *std::move(simple);
  const CustomFunction* const custom = FindCustom(name);
  if (custom == nullptr) {
    if (!IsSimpleFunction(name)) return Unknown(call);
    return WrongCount(call, fmt::format("{}(…) as docs/pipelines.md shows", name));
  }
  if (name == "unix_timestamp" && call.args.empty()) return Unknown(call);
  if (call.args.size() < custom->least || call.args.size() > custom->most) {
    return WrongCount(call, custom->usage);
  }
  return custom->make(call);
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const auto name : SimpleFunctionNames()) names.emplace_back(name);
  for (const auto& unit : CustomFunctions()) {
    for (const auto& custom : unit) names.emplace_back(custom.name);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

}  // namespace st::dialect::spark
