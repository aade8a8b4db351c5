#include "dialect/spark/function_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

// A Spark function of texts that DuckDB has too. Where Spark returns INT, the BIGINT of DuckDB is
// cast.
struct Simple {
  std::string_view name;
  std::size_t arguments;  // all STRING
  TypeKind result;
  std::string_view duckdb;
  bool is_swapped = false;  // DuckDB takes the arguments in reverse order
  std::optional<std::string_view> last = std::nullopt;  // a further argument for DuckDB
};

constexpr std::array kSimple = {
    Simple{"lower", 1, TypeKind::kString, "lower"},
    Simple{"lcase", 1, TypeKind::kString, "lower"},
    Simple{"upper", 1, TypeKind::kString, "upper"},
    Simple{"ucase", 1, TypeKind::kString, "upper"},
    Simple{"trim", 1, TypeKind::kString, "trim", false, " "},
    Simple{"ltrim", 1, TypeKind::kString, "ltrim", false, " "},
    Simple{"rtrim", 1, TypeKind::kString, "rtrim", false, " "},
    Simple{"octet_length", 1, TypeKind::kInt, "strlen"},
    Simple{"replace", 2, TypeKind::kString, "replace", false, ""},
    Simple{"replace", 3, TypeKind::kString, "replace"},
    Simple{"instr", 2, TypeKind::kInt, "instr"},
    Simple{"locate", 2, TypeKind::kInt, "instr", true},
    Simple{"startswith", 2, TypeKind::kBoolean, "starts_with"},
    Simple{"endswith", 2, TypeKind::kBoolean, "suffix"},
    Simple{"contains", 2, TypeKind::kBoolean, "contains"},
    Simple{"md5", 1, TypeKind::kString, "md5"},
};

constexpr std::array<std::string_view, 22> kClock = {"current_timestamp",
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
                                                     "current_user",
                                                     "user",
                                                     "spark_partition_id",
                                                     "session_user",
                                                     "version",
                                                     "current_schema",
                                                     "current_timezone",
                                                     "current_database",
                                                     "uniform"};

constexpr std::array<std::string_view, 16> kAggregates = {
    "count", "sum",          "avg",         "mean",   "min",    "max",      "first",      "last",
    "any",   "collect_list", "collect_set", "median", "stddev", "count_if", "percentile", "max_by"};

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (const auto& simple : kSimple) names.emplace_back(simple.name);
  for (const auto& custom : CustomFunctions()) names.emplace_back(custom.name);
  return names;
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
  if (std::ranges::find(kAggregates, name) != kAggregates.end()) {
    return call.Wrong(call.expr.position, fmt::format("aggregates ({}) are not supported yet; "
                                                      "aggregate the table when you query it",
                                                      name));
  }
  if (name == "window" || name == "session_window" || name == "explode") {
    return call.Wrong(call.expr.position, fmt::format("{} is not supported yet", name));
  }
  const auto nearest = NearestName(name, AllNames());
  return call.Wrong(
      call.expr.position,
      fmt::format("function {} is not supported{}; docs/pipelines.md lists those that are", name,
                  nearest ? fmt::format("; did you mean {}?", *nearest) : ""));
}

Result<Expression> Fill(const Call& call, const Simple& simple) {
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const auto& arg = call.args[i];
    if (arg.type.kind != TypeKind::kString && arg.type.kind != TypeKind::kUnknown) {
      return call.Wrong(call.expr.args[i].position,
                        fmt::format("{} takes STRING here, not {}; write CAST(… AS STRING)",
                                    simple.name, SparkName(arg.type)));
    }
  }
  std::vector<Expression> arguments = call.args;
  if (simple.is_swapped) std::ranges::reverse(arguments);
  if (simple.last) arguments.push_back(Expression::Text(*simple.last));
  const ColumnType type{.kind = simple.result};
  Expression made = Expression::Call(simple.duckdb, std::move(arguments), type);
  return type.kind == TypeKind::kInt ? Expression::Cast(std::move(made), type) : made;
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
    if (arg.kind == ExprKind::kStar) return Unknown(call);
  }
  bool is_known = false;
  for (const auto& simple : kSimple) {
    if (simple.name != name) continue;
    is_known = true;
    if (simple.arguments == call.args.size()) return Fill(call, simple);
  }
  for (const auto& custom : CustomFunctions()) {
    if (custom.name != name) continue;
    if (name == "unix_timestamp" && call.args.empty()) break;
    if (call.args.size() < custom.least || call.args.size() > custom.most) {
      return WrongCount(call, custom.usage);
    }
    return custom.make(call);
  }
  if (is_known) return WrongCount(call, fmt::format("{}(…) as docs/pipelines.md shows", name));
  return Unknown(call);
}

}  // namespace st::dialect::spark
