#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/functions.h"
#include "dialect/spark/typed.h"

namespace st::dialect::spark {
namespace {

// A function that is one DuckDB expression over arguments of fixed types.
struct Simple {
  std::string_view name;
  std::string_view arguments;  // one letter each: s STRING
  TypeKind result;
  std::string_view sql;  // {0}, {1}, …
};

constexpr std::array kSimple = {
    Simple{"lower", "s", TypeKind::kString, "lower({0})"},
    Simple{"lcase", "s", TypeKind::kString, "lower({0})"},
    Simple{"upper", "s", TypeKind::kString, "upper({0})"},
    Simple{"ucase", "s", TypeKind::kString, "upper({0})"},
    Simple{"trim", "s", TypeKind::kString, "trim({0}, ' ')"},
    Simple{"ltrim", "s", TypeKind::kString, "ltrim({0}, ' ')"},
    Simple{"rtrim", "s", TypeKind::kString, "rtrim({0}, ' ')"},
    Simple{"octet_length", "s", TypeKind::kInt, "CAST(strlen({0}) AS INTEGER)"},
    Simple{"replace", "ss", TypeKind::kString, "replace({0}, {1}, '')"},
    Simple{"replace", "sss", TypeKind::kString, "replace({0}, {1}, {2})"},
    Simple{"instr", "ss", TypeKind::kInt, "CAST(instr({0}, {1}) AS INTEGER)"},
    Simple{"locate", "ss", TypeKind::kInt, "CAST(instr({1}, {0}) AS INTEGER)"},
    Simple{"startswith", "ss", TypeKind::kBoolean, "starts_with({0}, {1})"},
    Simple{"endswith", "ss", TypeKind::kBoolean, "suffix({0}, {1})"},
    Simple{"contains", "ss", TypeKind::kBoolean, "contains({0}, {1})"},
    Simple{"md5", "s", TypeKind::kString, "md5({0})"},
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

Result<Typed> Fill(const Call& call, const Simple& simple) {
  Typed typed{.sql = {}, .type = {.kind = simple.result}};
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const auto& arg = call.args[i];
    if (arg.type.kind != TypeKind::kString && arg.type.kind != TypeKind::kUnknown) {
      return call.Wrong(call.expr.args[i].position,
                        fmt::format("{} takes STRING here, not {}; write CAST(… AS STRING)",
                                    simple.name, SparkName(arg.type)));
    }
    typed.can_fail = typed.can_fail || arg.can_fail;
  }
  for (std::size_t i = 0; i < simple.sql.size(); ++i) {
    if (simple.sql[i] == '{') {
      typed.sql += call.args[static_cast<std::size_t>(simple.sql[i + 1] - '0')].sql;
      i += 2;
    } else {
      typed.sql += simple.sql[i];
    }
  }
  return typed;
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

Result<Typed> TranslateCall(Call& call) {
  const std::string& name = call.expr.text;
  for (const auto& arg : call.expr.args) {
    if (arg.kind == ExprKind::kStar) return Unknown(call);
  }
  bool is_known = false;
  for (const auto& simple : kSimple) {
    if (simple.name != name) continue;
    is_known = true;
    if (simple.arguments.size() == call.args.size()) return Fill(call, simple);
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
