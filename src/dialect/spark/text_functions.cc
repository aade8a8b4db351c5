#include "dialect/spark/text_functions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"
#include "spark_values/encoding.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

bool IsBinary(const Expression& value) { return value.type.kind == kBinary; }

// All arguments as values of one kind, from `first` on.
Result<std::vector<Expression>> AllOf(const Call& call, TypeKind kind, std::size_t first = 0) {
  std::vector<Expression> out;
  for (std::size_t i = first; i < call.args.size(); ++i) {
    ST_TRY(auto value, Argument(call, i, kind));
    out.push_back(std::move(value));
  }
  return out;
}

Result<Expression> Concat(Call& call) {
  const bool is_binary = std::ranges::all_of(call.args, IsBinary);
  ST_TRY(auto values, AllOf(call, is_binary ? kBinary : kString));
  return Concatenation(std::move(values), {.kind = is_binary ? kBinary : kString});
}

Result<Expression> ConcatWs(Call& call) {
  ST_TRY(auto texts, AllOf(call, kString));
  if (call.args.size() == 1) {
    return call.Wrong(call.expr.position, "concat_ws takes a separator and at least one text");
  }
  return MakeCall("concat_ws", std::move(texts), kString);
}

// Calls spark_mask with the four characters; "" stands for NULL, which leaves a character.
Result<Expression> Mask(Call& call) {
  constexpr std::array<std::string_view, 4> kUsual = {"X", "x", "n", ""};
  ST_TRY(auto text, Argument(call, 0, kString));
  std::vector<Expression> arguments = {std::move(text)};
  for (std::size_t i = 0; i < kUsual.size(); ++i) {
    std::string character(kUsual.at(i));
    if (i + 1 < call.args.size()) {
      character.clear();
      if (!IsNullLiteral(call, i + 1)) {
        ST_TRY(character, TextLiteral(call, i + 1, "a character of mask"));
        const auto count = std::ranges::count_if(
            character, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
        if (count != 1) {
          return call.Wrong(call.expr.args[i + 1].position,
                            "mask takes one character, or NULL for none");
        }
      }
    }
    arguments.push_back(Expression::Text(character));
  }
  return MakeCall("spark_mask", std::move(arguments), kString);
}

Result<Expression> Sha2(Call& call) {
  ST_TRY(auto bytes, Argument(call, 0, kBinary));
  if (IsNullLiteral(call, 1)) return Expression::Cast(Expression::Null(), {.kind = kString});
  ST_TRY(const auto bits, IntegerLiteral(call, 1, "the number of bits"));
  if (bits == 256 || bits == 0) return MakeCall("sha256", {std::move(bytes)}, kString);
  if (bits != 224 && bits != 384 && bits != 512) {  // as Spark answers
    return Expression::Cast(Expression::Null(), {.kind = kString});
  }
  return MakeCall(fmt::format("spark_sha{}", bits), {std::move(bytes)}, kString);
}

Result<spark_values::CharacterSet> CharacterSetArgument(const Call& call, std::size_t index) {
  ST_TRY(const auto name, TextLiteral(call, index, "the character set"));
  if (const auto set = spark_values::CharacterSetOf(name)) return *set;
  return call.Wrong(call.expr.args[index].position,
                    "the character set is UTF-8, UTF-16, UTF-16BE, UTF-16LE, US-ASCII or "
                    "ISO-8859-1");
}

Result<Expression> Encode(Call& call) {
  ST_TRY(auto text, Argument(call, 0, kString));
  if (IsNullLiteral(call, 1)) return Expression::Cast(Expression::Null(), {.kind = kBinary});
  ST_TRY(const auto set, CharacterSetArgument(call, 1));
  if (set == spark_values::CharacterSet::kUtf8) {
    return MakeCall("encode", {std::move(text)}, kBinary);
  }
  Expression name = Expression::Text(call.expr.args[1].text);
  return MakeCall("spark_encode", {std::move(text), std::move(name)}, kBinary).CanFail();
}

// decode(value, search, result, …, [otherwise]): the first search that equals the value.
Result<Expression> DecodeCase(const Call& call) {
  std::vector<Expression> results;
  std::vector<CaseBranch> branches;
  const std::size_t pairs = (call.args.size() - 1) / 2;
  const bool has_else = call.args.size() % 2 == 0;
  for (std::size_t i = 0; i < pairs; ++i) results.push_back(call.args[2 * i + 2]);
  if (has_else) results.push_back(call.args.back());
  ST_TRY(results, OneType(call, std::move(results)));
  for (std::size_t i = 0; i < pairs; ++i) {
    ST_TRY(auto both, OneType(call, {call.args[0], call.args[2 * i + 1]}));
    branches.push_back(
        {Expression::Apply(Operator::kIsNotDistinct, std::move(both)), std::move(results[i])});
  }
  if (!has_else) return Expression::Case(std::move(branches)).InBrackets();
  return Expression::Case(std::move(branches), std::move(results.back())).InBrackets();
}

Result<Expression> Decode(Call& call) {
  if (call.args.size() > 2) return DecodeCase(call);
  ST_TRY(auto bytes, Argument(call, 0, kBinary));
  ST_TRY(const auto set, CharacterSetArgument(call, 1));
  if (set == spark_values::CharacterSet::kUtf8) {
    return MakeCall("decode", {std::move(bytes)}, kString).CanFail();
  }
  Expression name = Expression::Text(call.expr.args[1].text);
  return MakeCall("spark_decode", {std::move(bytes), std::move(name)}, kString).CanFail();
}

// Translates to_binary and try_to_binary.
Result<Expression> ToBinary(Call& call) {
  const bool is_try = call.expr.text.starts_with("try_");
  ST_TRY(auto text, Argument(call, 0, kString));
  std::string format = "hex";
  if (call.args.size() == 2) {
    ST_TRY(format, TextLiteral(call, 1, "the format"));
    format = AsciiLower(format);
  }
  if (format == "utf-8" || format == "utf8") return MakeCall("encode", {std::move(text)}, kBinary);
  if (format != "hex" && format != "base64") {
    return call.Wrong(call.expr.args[1].position, "the format is 'hex', 'base64' or 'utf-8'");
  }
  Expression made = MakeCall(fmt::format("spark_{}to_binary_{}", is_try ? "try_" : "", format),
                             {std::move(text)}, kBinary);
  return std::move(made).CanFail(!is_try || call.args[0].can_fail);
}

// hash and xxhash64: each value is hashed with the hash of those before as the seed.
Result<Expression> Hash(Call& call) {
  const bool is_long = call.expr.text == "xxhash64";
  const Type type{.kind = is_long ? kLong : kInt};
  Expression made = Expression::Cast(Expression::Integer(42), type);
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    Expression value = call.args[i];
    std::string_view kind;
    if (value.type.is_void()) continue;
    switch (value.type.kind) {
      case kString:
        kind = "text";
        break;
      case kBinary:
        kind = "binary";
        break;
      case kBoolean:
        value = Expression::Cast(std::move(value), {.kind = kInt});
        kind = "int";
        break;
      case kInt:
        kind = "int";
        break;
      case kDate:
        kind = "date";
        break;
      case kLong:
        kind = "long";
        break;
      case kTimestamp:
        value = InUtc(value, kTimestampTz);
        kind = "timestamp";
        break;
      case kTimestampTz:
        kind = "timestamp";
        break;
      case kFloat:
        kind = "float";
        break;
      case kDouble:
        kind = "double";
        break;
      default:
        return call.Wrong(
            call.expr.args[i].position,
            fmt::format("{} does not take {}", call.expr.text, SparkName(value.type)));
    }
    made = MakeCall(fmt::format("spark_{}_{}", is_long ? "xxhash" : "hash", kind),
                    {std::move(value), std::move(made)}, type);
  }
  return made;
}

// Texts are well-formed inside, so that these functions change none.
Result<Expression> ValidText(Call& call) { return Argument(call, 0, kString); }

Result<Expression> IsValidUtf8(Call& call) {
  if (IsBinary(call.args[0])) return MakeCall("spark_is_valid_utf8", call.args, kBoolean);
  ST_TRY(auto text, Argument(call, 0, kString));
  return Expression::Case({{Expression::Apply(Operator::kIsNotNull, {std::move(text)}),
                            Expression::Boolean(true)}})
      .InBrackets();
}

constexpr std::array kText = {
    Custom{"concat", 1, kManyArguments, "concat(text, …)", Concat},
    Custom{"concat_ws", 2, kManyArguments, "concat_ws(separator, text, …)", ConcatWs},
    Custom{"mask", 1, 5, "mask(text[, upper[, lower[, digit[, other]]]])", Mask},
    Custom{"sha2", 2, 2, "sha2(binary, bits)", Sha2},
    Custom{"encode", 2, 2, "encode(text, 'UTF-8')", Encode},
    Custom{"decode", 2, kManyArguments,
           "decode(binary, 'UTF-8') or decode(value, search, result, …)", Decode},
    Custom{"to_binary", 1, 2, "to_binary(text[, 'hex'])", ToBinary},
    Custom{"try_to_binary", 1, 2, "try_to_binary(text[, 'hex'])", ToBinary},
    Custom{"hash", 1, kManyArguments, "hash(value, …)", Hash},
    Custom{"xxhash64", 1, kManyArguments, "xxhash64(value, …)", Hash},
    Custom{"is_valid_utf8", 1, 1, "is_valid_utf8(text)", IsValidUtf8},
    Custom{"make_valid_utf8", 1, 1, "make_valid_utf8(text)", ValidText},
    Custom{"validate_utf8", 1, 1, "validate_utf8(text)", ValidText},
    Custom{"try_validate_utf8", 1, 1, "try_validate_utf8(text)", ValidText},
};

}  // namespace

std::span<const CustomFunction> TextFunctions() { return kText; }

}  // namespace st::dialect::spark
