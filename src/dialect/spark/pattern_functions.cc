#include "dialect/spark/pattern_functions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dialect/spark/arguments.h"
#include "dialect/spark/patterns.h"
#include "spark_values/case.h"
#include "spark_values/java_regex.h"
#include "spark_values/json_path.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;
using spark_values::JsonStep;
using spark_values::Regex;

Result<Expression> GetJsonObject(Call& call) {
  ST_TRY(const auto text, Argument(call, 0, kString));
  ST_TRY(const auto path, TextLiteral(call, 1, "the path"));
  const auto steps = spark_values::ParseJsonPath(path);
  if (!steps) return call.Wrong(call.expr.args[1].position, steps.error().message());
  const bool has_wildcard = std::ranges::any_of(*steps, [](const JsonStep& step) {
    return step.kind != JsonStep::Kind::kName && step.kind != JsonStep::Kind::kIndex;
  });
  if (IsValueText(text) && !has_wildcard) return call.scope.Extract(path);
  return MakeCall("spark_json_path", {text, Expression::Text(path)}, kString);
}

// The constant pattern of a call, its second argument.
Result<Regex> PatternOf(const Call& call) {
  ST_TRY(const auto java, TextLiteral(call, 1, "the pattern"));
  auto regex = spark_values::TranslateRegex(java);
  if (!regex) return call.Wrong(call.expr.args[1].position, regex.error().message());
  return regex;
}

bool HasNull(const Call& call) {
  return std::ranges::any_of(call.args, [](const Expression& arg) { return arg.type.is_void(); });
}

Expression Null(TypeKind kind) { return Expression::Cast(Expression::Null(), {.kind = kind}); }

Expression PatternText(const Call& call) { return Expression::Text(call.expr.args[1].text); }

Result<Expression> RegexpLike(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Null(kBoolean);
  ST_TRY(const auto regex, PatternOf(call));
  return MakeCall("regexp_matches", {std::move(text), Expression::Text(regex.pattern)}, kBoolean);
}

Result<Expression> RegexpExtract(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Null(kString);
  ST_TRY(const auto regex, PatternOf(call));
  std::int64_t group = 1;
  if (call.args.size() == 3) {
    ST_TRY(group, IntegerLiteral(call, 2, "the group's number"));
  }
  if (group < 0 || group > regex.groups) {
    return call.Wrong(call.expr.args.back().position,
                      fmt::format("the pattern has {} groups; write regexp_extract(text, pattern, "
                                  "group)",
                                  regex.groups));
  }
  if (group == 0 && !regex.end_groups.empty()) {
    return MakeCall("spark_regexp_extract",
                    {std::move(text), PatternText(call), Expression::Integer(0)}, kString);
  }
  const int number = regex.numbers[static_cast<std::size_t>(group)];
  return MakeCall("regexp_extract",
                  {std::move(text), Expression::Text(regex.pattern), Expression::Integer(number)},
                  kString);
}

Result<Expression> RegexpExtractAll(Call& call) {
  const Type type = ListOf({.kind = kString});
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Expression::Cast(Expression::Null(), type);
  ST_TRY(const auto regex, PatternOf(call));
  std::int64_t group = 1;
  if (call.args.size() == 3) {
    ST_TRY(group, IntegerLiteral(call, 2, "the group's number"));
  }
  Expression made =
      MakeCall("spark_regexp_extract_all",
               {std::move(text), PatternText(call), Expression::Integer(group)}, type);
  made.can_fail = made.can_fail || group < 0 || group > regex.groups;
  return made;
}

// A constant pattern that cuts a text, the argument at `index`, or `usual`.
Result<Expression> Separator(const Call& call, std::size_t index, std::string_view usual) {
  if (index >= call.args.size()) return Expression::Text(usual);
  ST_TRY(const auto java, TextLiteral(call, index, "the separator"));
  const auto regex = spark_values::TranslateRegex(java);
  if (!regex && !java.empty()) {
    return call.Wrong(call.expr.args[index].position, regex.error().message());
  }
  return Expression::Text(java);
}

Result<Expression> StrToMap(Call& call) {
  const Type text_type{.kind = kString};
  const Type list = ListOf(text_type);
  const auto split = [&](const Expression& text, const Expression& by, int limit) {
    return MakeCall("spark_split", {text, by, Expression::Integer(limit)}, list);
  };
  ST_TRY(const auto text, Argument(call, 0, kString));
  ST_TRY(const auto between, Separator(call, 1, ","));
  ST_TRY(const auto inside, Separator(call, 2, ":"));
  const Expression pair = call.lambdas.NewVariable(text_type);
  const Expression parts = split(pair, inside, 2);
  const auto part = [&](std::int64_t place) {
    return MakeCall("list_extract", {parts, Expression::Integer(place)}, text_type);
  };
  auto entry = Expression::Struct({"key", "value"}, {part(1), part(2)});
  const Type entries = ListOf(entry.type);
  const Expression pairs = MakeCall(
      "list_transform",
      {split(text, between, -1), Expression::Lambda({pair.text}, std::move(entry))}, entries);
  return MakeCall("map_from_entries", {pairs}, MapOf(text_type, text_type)).CanFail();
}

Result<Expression> RegexpReplace(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Null(kString);
  ST_TRY(const auto regex, PatternOf(call));
  ST_TRY(const auto replacement, TextLiteral(call, 2, "the replacement"));
  const auto parsed = spark_values::ParseReplacement(replacement, regex.groups);
  if (!parsed) return call.Wrong(call.expr.args[2].position, parsed.error().message());
  std::int64_t position = 1;
  if (call.args.size() == 4) {
    ST_TRY(position, IntegerLiteral(call, 3, "the position"));
    if (position < 1) return call.Wrong(call.expr.args[3].position, "positions count from 1");
  }
  return MakeCall("spark_regexp_replace",
                  {std::move(text), PatternText(call), Expression::Text(replacement),
                   Expression::Integer(position)},
                  kString);
}

Result<Expression> OfTextAndPattern(Call& call, TypeKind kind) {
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Null(kind);
  if (const auto regex = PatternOf(call); !regex) return std::unexpected(regex.error());
  return MakeCall(fmt::format("spark_{}", call.expr.text), {std::move(text), PatternText(call)},
                  kind);
}

Result<Expression> Split(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  const Type type = ListOf({.kind = kString});
  if (call.args[1].type.is_void()) return Expression::Cast(Expression::Null(), type);
  ST_TRY(auto limit, call.args.size() == 3 ? Argument(call, 2, kInt) : Expression::Integer(-1));
  if (call.expr.args[1].kind != ExprKind::kString || !call.expr.args[1].text.empty()) {
    if (const auto regex = PatternOf(call); !regex) return std::unexpected(regex.error());
  }
  return MakeCall("spark_split", {std::move(text), PatternText(call), std::move(limit)}, type);
}

Result<Expression> RegexpCount(Call& call) { return OfTextAndPattern(call, kInt); }
Result<Expression> RegexpSubstr(Call& call) { return OfTextAndPattern(call, kString); }
// Spark ignores the group, its third argument.
Result<Expression> RegexpInstr(Call& call) { return OfTextAndPattern(call, kInt); }

// The functions of the operators LIKE and ILIKE.
Result<Expression> Like(Call& call) {
  const bool ignores_case = call.expr.text == "ilike";
  ST_TRY(auto text, Argument(call, 0, kString));
  if (HasNull(call)) return Null(kBoolean);
  ST_TRY(auto pattern, TextLiteral(call, 1, "the pattern"));
  if (const auto checked = CheckLikePattern(pattern); !checked) {
    return call.Wrong(call.expr.args[1].position, checked.error().message());
  }
  if (ignores_case) {
    pattern = spark_values::Lower(pattern);
    text = MakeCall("spark_lower", {std::move(text)}, kString);
  }
  return Expression::Apply(Operator::kLike, {std::move(text), Expression::Text(pattern)})
      .InBrackets();
}

// Translates parse_url and try_parse_url with a key of the query.
Result<Expression> ParseUrl(Call& call) {
  ST_TRY(auto url, Argument(call, 0, kString));
  ST_TRY(auto part, Argument(call, 1, kString));
  Expression made = Expression::Null();
  if (call.args.size() == 2) {
    made = MakeCall(fmt::format("spark_{}", call.expr.text), {std::move(url), std::move(part)},
                    kString);
  } else {
    if (HasNull(call)) return Null(kString);
    ST_TRY(const auto key, TextLiteral(call, 2, "the key"));
    if (key.find_first_of("\\^$.|?*+()[]{}&=") != std::string::npos) {
      return call.Wrong(call.expr.args[2].position,
                        "Spark reads the key as a regular expression; only a plain name is "
                        "supported");
    }
    made = MakeCall(fmt::format("spark_{}_query", call.expr.text),
                    {std::move(url), std::move(part), Expression::Text(key)}, kString);
  }
  made.can_fail = made.can_fail || !call.expr.text.starts_with("try_");
  return made;
}

constexpr std::array kPattern = {
    Custom{"get_json_object", 2, 2, "get_json_object(text, '$.path')", GetJsonObject},
    Custom{"like", 2, 2, "like(text, pattern)", Like},
    Custom{"ilike", 2, 2, "ilike(text, pattern)", Like},
    Custom{"rlike", 2, 2, "rlike(text, pattern)", RegexpLike},
    Custom{"regexp", 2, 2, "regexp(text, pattern)", RegexpLike},
    Custom{"regexp_like", 2, 2, "regexp_like(text, pattern)", RegexpLike},
    Custom{"regexp_extract", 2, 3, "regexp_extract(text, pattern[, group])", RegexpExtract},
    Custom{"regexp_extract_all", 2, 3, "regexp_extract_all(text, pattern[, group])",
           RegexpExtractAll},
    Custom{"str_to_map", 1, 3, "str_to_map(text[, between pairs[, inside a pair]])", StrToMap},
    Custom{"regexp_replace", 3, 4, "regexp_replace(text, pattern, replacement[, position])",
           RegexpReplace},
    Custom{"regexp_count", 2, 2, "regexp_count(text, pattern)", RegexpCount},
    Custom{"regexp_substr", 2, 2, "regexp_substr(text, pattern)", RegexpSubstr},
    Custom{"regexp_instr", 2, 3, "regexp_instr(text, pattern[, group])", RegexpInstr},
    Custom{"split", 2, 3, "split(text, pattern[, limit])", Split},
    Custom{"parse_url", 2, 3, "parse_url(url, 'HOST'[, key])", ParseUrl},
    Custom{"try_parse_url", 2, 3, "try_parse_url(url, 'HOST'[, key])", ParseUrl},
};

}  // namespace

std::span<const CustomFunction> PatternFunctions() { return kPattern; }

}  // namespace st::dialect::spark
