#include "spark_values/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/quote.h"
#include "spark_values/json_scanner.h"
#include "spark_values/limits.h"

namespace st::spark_values {
namespace {

constexpr int kMaxDigits = 38;  // of a DECIMAL
constexpr int kLongDigits = 20;

enum class Kind { kNull, kLong, kDouble, kDecimal, kString, kBoolean, kArray, kStruct };
struct Field;
struct Inferred {
  Kind kind = Kind::kNull;
  int digits = 0;             // kDecimal
  std::vector<Field> fields;  // kStruct: in the order of the names; kArray: the element
};
struct Field {
  std::string name;
  Inferred type;
};

Inferred Common(Inferred a, Inferred b);

// Of two structs: the fields of both.
std::vector<Field> Merged(std::vector<Field> a, std::vector<Field> b) {
  std::vector<Field> made;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->name < right->name)) {
      made.push_back(std::move(*left++));
    } else if (left == a.end() || right->name < left->name) {
      made.push_back(std::move(*right++));
    } else {
      made.push_back(
          {.name = left->name, .type = Common(std::move(left->type), std::move(right->type))});
      ++left;
      ++right;
    }
  }
  return made;
}

// The type that both values have; a STRING where they have none.
Inferred Common(Inferred a, Inferred b) {
  if (a.kind == Kind::kNull) return b;
  if (b.kind == Kind::kNull) return a;
  if (a.kind == b.kind) {
    a.digits = std::max(a.digits, b.digits);
    if (a.kind == Kind::kArray) {
      a.fields[0].type = Common(std::move(a.fields[0].type), std::move(b.fields[0].type));
    } else if (a.kind == Kind::kStruct) {
      a.fields = Merged(std::move(a.fields), std::move(b.fields));
    }
    return a;
  }
  const auto is_number = [](Kind kind) {
    return kind == Kind::kLong || kind == Kind::kDouble || kind == Kind::kDecimal;
  };
  if (!is_number(a.kind) || !is_number(b.kind)) return {.kind = Kind::kString, .fields = {}};
  if (a.kind == Kind::kDouble || b.kind == Kind::kDouble) {
    return {.kind = Kind::kDouble, .fields = {}};
  }
  return {
      .kind = Kind::kDecimal, .digits = std::max({a.digits, b.digits, kLongDigits}), .fields = {}};
}

class Reader {
 public:
  explicit Reader(std::string_view text) : scanner_(text, scratch_, JsonRules::kReader) {}

  // nullopt: no JSON.
  std::optional<Inferred> Value(int depth) {
    if (depth > kMaxJsonDepth) return std::nullopt;
    switch (scanner_.Next()) {
      case '{':
        return Object(depth);
      case '[':
        return Array(depth);
      case '"':
      case '\'': {
        std::string_view text;
        if (!scanner_.Text(text)) return std::nullopt;
        return Inferred{.kind = text.empty() ? Kind::kNull : Kind::kString, .fields = {}};
      }
      case 't':
        return Word("true", Kind::kBoolean);
      case 'f':
        return Word("false", Kind::kBoolean);
      case 'n':
        return Word("null", Kind::kNull);
      default:
        return Number();
    }
  }

  bool IsEmpty() { return scanner_.Next() == '\0'; }

 private:
  std::optional<Inferred> Word(std::string_view word, Kind kind) {
    if (!scanner_.Word(word)) return std::nullopt;
    return Inferred{.kind = kind, .fields = {}};
  }

  std::optional<Inferred> Number() {
    std::string_view digits;
    bool is_whole = false;
    if (!scanner_.Number(digits, is_whole)) return std::nullopt;
    if (!is_whole) return Inferred{.kind = Kind::kDouble, .fields = {}};
    std::int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec == std::errc()) return Inferred{.kind = Kind::kLong, .fields = {}};
    const int count = static_cast<int>(digits.size()) - (digits.starts_with('-') ? 1 : 0);
    if (count > kMaxDigits) return Inferred{.kind = Kind::kDouble, .fields = {}};
    return Inferred{.kind = Kind::kDecimal, .digits = count, .fields = {}};
  }

  std::optional<Inferred> Object(int depth) {
    Inferred made{.kind = Kind::kStruct, .fields = {}};
    scanner_.Take('{');
    if (scanner_.Take('}')) return made;
    do {
      std::string_view name;
      if (!scanner_.Text(name)) return std::nullopt;
      const std::string kept(name);
      if (!scanner_.Take(':')) return std::nullopt;
      auto value = Value(depth + 1);
      if (!value) return std::nullopt;
      const auto place = std::ranges::upper_bound(made.fields, kept, {}, &Field::name);
      made.fields.insert(place, {.name = kept, .type = *std::move(value)});
    } while (scanner_.Take(','));
    if (!scanner_.Take('}')) return std::nullopt;
    return made;
  }

  std::optional<Inferred> Array(int depth) {
    Inferred element;
    scanner_.Take('[');
    if (!scanner_.Take(']')) {
      do {
        auto value = Value(depth + 1);
        if (!value) return std::nullopt;
        element = Common(std::move(element), *std::move(value));
      } while (scanner_.Take(','));
      if (!scanner_.Take(']')) return std::nullopt;
    }
    Inferred made{.kind = Kind::kArray, .fields = {}};
    made.fields.push_back({.name = "element", .type = std::move(element)});
    return made;
  }

  std::string scratch_;
  JsonScanner scanner_;
};

std::string NameText(const std::string& name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const bool is_plain = is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
                          return is_letter(c) || (c >= '0' && c <= '9');
                        });
  return is_plain ? name : Quoted(name, '`');
}

// As a schema writes it; nullopt: an object without fields, or an array of such, which has no type.
std::optional<std::string> Written(const Inferred& type) {
  switch (type.kind) {
    case Kind::kNull:
    case Kind::kString:
      return "STRING";
    case Kind::kLong:
      return "BIGINT";
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kDecimal:
      return fmt::format("DECIMAL({},0)", type.digits);
    case Kind::kArray: {
      const auto element = Written(type.fields[0].type);
      return element ? std::optional("ARRAY<" + *element + ">") : std::nullopt;
    }
    case Kind::kStruct:
      break;
  }
  std::string fields;
  for (const auto& [name, value] : type.fields) {
    const auto written = name.empty() ? std::nullopt : Written(value);
    if (written) fields += (fields.empty() ? "" : ", ") + NameText(name) + ": " + *written;
  }
  return fields.empty() ? std::nullopt : std::optional("STRUCT<" + fields + ">");
}

}  // namespace

Result<std::string> SchemaOfJson(std::string_view text) {
  Reader reader(text);
  if (reader.IsEmpty()) return "STRING";
  const auto type = reader.Value(0);
  if (!type) return Fail(ErrorCode::kInvalidArgument, "the text is no JSON");
  if (auto written = Written(*type)) return *std::move(written);
  return type->kind == Kind::kArray && type->fields[0].type.kind == Kind::kStruct
             ? "ARRAY<STRUCT<>>"
             : "STRUCT<>";
}

}  // namespace st::spark_values
