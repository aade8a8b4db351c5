#include "dialect/spark/json_functions.h"

#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/type_parser.h"
#include "dialect/spark/types.h"
#include "spark_values/hash.h"
#include "spark_values/json_schema.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

struct Option {
  std::string value;
  std::size_t position = 0;
};
using Options = std::map<std::string, Option>;  // names in lower case

// The constant texts of map('name', 'value', …), the argument at `index`; none where it is missing.
Result<Options> OptionsOf(const Call& call, std::size_t index) {
  Options options;
  if (index >= call.expr.args.size()) return options;
  const Expr& map = call.expr.args[index];
  if (map.kind != ExprKind::kCall || map.text != "map" || map.args.size() % 2 != 0) {
    return call.Wrong(map.position, "options are written map('name', 'value', …)");
  }
  for (std::size_t i = 0; i < map.args.size(); i += 2) {
    const Expr& name = map.args[i];
    const Expr& value = map.args[i + 1];
    if (name.kind != ExprKind::kString || value.kind != ExprKind::kString) {
      return call.Wrong(name.position, "an option and its value are constant texts");
    }
    options[AsciiLower(name.text)] = {.value = value.text, .position = name.position};
  }
  return options;
}

Result<Expression> ToJson(Call& call) {
  if (call.args[0].type.nested == nullptr) {
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("to_json takes a struct, an array or a map, not {}",
                                  SparkName(call.args[0].type)));
  }
  ST_TRY(const auto options, OptionsOf(call, 1));
  bool keeps_nulls = false;
  for (const auto& [name, option] : options) {
    if (name != "ignorenullfields" ||
        (!EqualsIgnoreCase(option.value, "true") && !EqualsIgnoreCase(option.value, "false"))) {
      return call.Wrong(option.position,
                        "the option of to_json that is supported is 'ignoreNullFields', 'true' or "
                        "'false'");
    }
    keeps_nulls = EqualsIgnoreCase(option.value, "false");
  }
  return MakeCall("spark_to_json", {call.args[0], Expression::Boolean(keeps_nulls)}, kString);
}

// The type of a constant text, as a text.
Result<Expression> SchemaOfJson(Call& call) {
  ST_TRY(const auto text, TextLiteral(call, 0, "the JSON"));
  const auto schema = spark_values::SchemaOfJson(text);
  if (!schema) return call.Wrong(call.expr.args[0].position, schema.error().message());
  return Expression::Text(*schema);
}

// The constant text of a schema, or what schema_of_json makes of a constant.
Result<Type> SchemaOf(const Call& call, std::size_t index) {
  const Expression& schema = call.args[index];
  if (schema.kind != Expression::Kind::kLiteral || schema.type.kind != kString) {
    return call.Wrong(call.expr.args[index].position,
                      "the schema is a constant text, as in 'name STRING, price BIGINT'");
  }
  auto type = TypeFromDdl(schema.text);
  if (type) return *std::move(type);
  return call.Wrong(call.expr.args[index].position,
                    fmt::format("the schema '{}': {}", schema.text, type.error().message()));
}

// JSON has texts for keys.
const char* WrongKey(const NestedType& type) {
  if (type.shape == TypeShape::kMap && type.fields.at(0).type.primitive != "string") {
    return "the keys of a map in JSON are STRING";
  }
  for (const auto& field : type.fields) {
    if (const char* wrong = WrongKey(field.type)) return wrong;
  }
  return nullptr;
}

// Whether values that do not fit are errors: mode FAILFAST.
Result<bool> Fails(const Options& options, const Call& call) {
  bool fails = false;
  for (const auto& [name, option] : options) {
    const bool is_permissive = EqualsIgnoreCase(option.value, "permissive");
    fails = EqualsIgnoreCase(option.value, "failfast");
    if (name != "mode" || (!is_permissive && !fails)) {
      return call.Wrong(option.position,
                        "the option of from_json that is supported is 'mode', 'PERMISSIVE' or "
                        "'FAILFAST'");
    }
  }
  return fails;
}

Result<Expression> FromJson(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  ST_TRY(const auto type, SchemaOf(call, 1));
  const std::size_t position = call.expr.args[1].position;
  if (type.nested == nullptr) {
    return call.Wrong(position, fmt::format("from_json makes a struct, an array or a map, not {}",
                                            SparkName(type)));
  }
  if (const char* wrong = WrongKey(*type.nested)) return call.Wrong(position, wrong);
  ST_TRY(const auto options, OptionsOf(call, 2));
  ST_TRY(const bool fails, Fails(options, call));
  const std::string described = TypeText(type);
  const auto hash = static_cast<std::uint64_t>(spark_values::XxHashBytes(described, 0));
  Expression made =
      MakeCall(fmt::format("spark_from_json_{:016x}", hash),
               {std::move(text), Expression::Text(described), Expression::Boolean(fails)}, type);
  made.can_fail = made.can_fail || fails;
  return made;
}

Result<Expression> JsonObjectKeys(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  return MakeCall("spark_json_object_keys", {std::move(text)}, ListOf({.kind = kString}));
}

constexpr std::array kJson = {
    Custom{"json_object_keys", 1, 1, "json_object_keys(text)", JsonObjectKeys},
    Custom{"from_json", 2, 3, "from_json(text, 'name TYPE, …'[, options])", FromJson},
    Custom{"schema_of_json", 1, 1, "schema_of_json('{\"a\": 1}')", SchemaOfJson},
    Custom{"to_json", 1, 2, "to_json(value[, options])", ToJson},
};

}  // namespace

std::span<const CustomFunction> JsonFunctions() { return kJson; }

}  // namespace st::dialect::spark
