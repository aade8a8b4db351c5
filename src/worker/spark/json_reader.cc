#include "worker/spark/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.h"
#include "spark_values/encoding.h"
#include "spark_values/json_scanner.h"
#include "spark_values/number_text.h"
#include "spark_values/time_text.h"

namespace st::worker::spark {

namespace values = spark_values;
using sql::TypeId;
using sql::VectorWriter;

struct JsonReader::Node {
  sql::Type type;
  std::vector<Node> children;
  // kStruct: in which struct a field was set last, and the field that is likely next.
  std::vector<std::uint64_t> set_in;
  std::uint64_t structs = 0;
  std::size_t next = 0;

  explicit Node(const sql::Type& of) : type(of), set_in(of.children.size()) {
    for (const auto& child : type.children) children.emplace_back(child);
  }

  // nullopt: there is no such field.
  std::optional<std::size_t> Find(std::string_view name) {
    const std::size_t count = children.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = next + i < count ? next + i : next + i - count;
      if (type.names[at] != name) continue;
      next = at + 1 < count ? at + 1 : 0;
      return at;
    }
    return std::nullopt;
  }
};

namespace {

enum class Outcome {
  kDone,
  kNull,   // the value is null
  kWrong,  // a value of another type, which was read over
  kPart,   // a struct, list or map without some of its parts
  kNotJson,
};

constexpr std::int64_t kSecond = 1'000'000;

template <typename T>
std::optional<T> WholeOf(std::string_view digits) {
  T value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// A DECIMAL's digits, rounded half away from zero as Java's HALF_UP; nullopt: too many of them.
std::optional<__int128> DecimalOf(const sql::Type& type, std::string_view text) {
  const auto plain = values::PlainNumberOf(text);
  if (!plain) return std::nullopt;
  std::string_view digits = *plain;
  const bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
  const auto point = std::min(digits.find('.'), digits.size());
  std::string whole(digits.substr(0, point));
  std::string_view fraction = point < digits.size() ? digits.substr(point + 1) : "";
  const auto scale = static_cast<std::size_t>(type.scale);
  whole += fraction.substr(0, scale);
  if (fraction.size() < scale) whole.append(scale - fraction.size(), '0');
  const bool rounds_up = fraction.size() > scale && fraction[scale] >= '5';
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() > static_cast<std::size_t>(type.width)) return std::nullopt;
  __int128 value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  if (rounds_up) ++value;
  __int128 limit = 1;
  for (int i = 0; i < type.width; ++i) limit *= 10;
  if (value >= limit) return std::nullopt;
  return is_negative ? -value : value;
}

void SetDecimal(const sql::Type& type, __int128 value, const VectorWriter& to, std::uint64_t row) {
  switch (type.storage) {
    case TypeId::kSmallint:
      return to.Set(row, static_cast<std::int16_t>(value));
    case TypeId::kInteger:
      return to.Set(row, static_cast<std::int32_t>(value));
    case TypeId::kBigint:
      return to.Set(row, static_cast<std::int64_t>(value));
    default:
      return to.Set(row, sql::Int128{.lower = static_cast<std::uint64_t>(value),
                                     .upper = static_cast<std::int64_t>(value >> 64)});
  }
}

std::optional<double> NamedDouble(std::string_view text) {
  for (const std::string_view name :
       {"NaN", "Infinity", "+Infinity", "-Infinity", "INF", "+INF", "-INF"}) {
    if (text != name) continue;
    return values::DoubleOf(name.ends_with("INF")
                                ? std::string(name.substr(0, name.size() - 3)) + "Infinity"
                                : std::string(name));
  }
  return std::nullopt;
}

std::optional<float> AsFloat(const std::optional<double>& value) {
  return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
}

}  // namespace

// The reading of one text.
class JsonReader::Run {
 public:
  Run(std::string_view text, std::string& scratch)
      : scanner_(text, scratch, values::JsonRules::kReader) {}

  // The whole text: of an array of structs it may be one struct.
  Outcome Root(Node& node, const VectorWriter& to, std::uint64_t row) {
    const bool is_one = node.type.id == TypeId::kList &&
                        node.children[0].type.id == TypeId::kStruct && scanner_.Next() == '{';
    if (!is_one) return Value(node, to, row);
    const std::uint64_t begin = to.elements();
    to.Reserve(begin + 1);
    const Outcome outcome = Element(node.children[0], to.Elements(), begin);
    to.SetList(row, begin, 1);
    return outcome;
  }

  // Writes the value; a NULL is left to the caller.
  Outcome Value(Node& node, const VectorWriter& to, std::uint64_t row) {
    const char next = scanner_.Next();
    if (next == 'n') return scanner_.Word("null") ? Outcome::kNull : Outcome::kNotJson;
    switch (node.type.id) {
      case TypeId::kStruct:
        return next == '{' ? Struct(node, to, row) : Wrong();
      case TypeId::kList:
        return next == '[' ? List(node, to, row) : Wrong();
      case TypeId::kMap:
        return next == '{' ? Map(node, to, row) : Wrong();
      default:
        break;
    }
    if (next == '"' || next == '\'') return FromText(node.type, to, row);
    if (node.type.id == TypeId::kVarchar) return AsText(to, row);
    if (node.type.id == TypeId::kBoolean && (next == 't' || next == 'f')) {
      if (!scanner_.Word(next == 't' ? "true" : "false")) return Outcome::kNotJson;
      to.Set(row, next == 't');
      return Outcome::kDone;
    }
    if (next == '{' || next == '[' || next == 't' || next == 'f') return Wrong();
    return FromNumber(node.type, to, row);
  }

  static void SetNull(const Node& node, const VectorWriter& to, std::uint64_t row) {
    to.SetNull(row);
    if (node.type.id != TypeId::kStruct) return;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      SetNull(node.children[i], to.Member(i), row);
    }
  }

 private:
  Outcome Wrong() { return scanner_.Skip() ? Outcome::kWrong : Outcome::kNotJson; }

  Outcome AsText(const VectorWriter& to, std::uint64_t row) {
    copy_.clear();
    if (!scanner_.Copy(copy_)) return Outcome::kNotJson;
    to.SetBytes(row, copy_);
    return Outcome::kDone;
  }

  template <typename T>
  static Outcome SetIf(const std::optional<T>& value, const VectorWriter& to, std::uint64_t row) {
    if (!value) return Outcome::kWrong;
    to.Set<T>(row, *value);
    return Outcome::kDone;
  }

  Outcome FromText(const sql::Type& type, const VectorWriter& to, std::uint64_t row) {
    std::string_view text;
    if (!scanner_.Text(text)) return Outcome::kNotJson;
    switch (type.id) {
      case TypeId::kVarchar:
        to.SetBytes(row, text);
        return Outcome::kDone;
      case TypeId::kFloat:
        return SetIf(AsFloat(NamedDouble(text)), to, row);
      case TypeId::kDouble:
        return SetIf(NamedDouble(text), to, row);
      case TypeId::kDecimal: {
        const auto value = Trim(text) == text ? DecimalOf(type, text) : std::nullopt;
        if (!value) return Outcome::kWrong;
        SetDecimal(type, *value, to, row);
        return Outcome::kDone;
      }
      case TypeId::kDate: {
        const auto date = values::DateOfText(text);
        return SetIf(date ? std::optional(date->days) : std::nullopt, to, row);
      }
      case TypeId::kTimestamp: {
        const auto time = values::LocalTimestampOfText(text);
        return SetIf(time ? std::optional(time->micros) : std::nullopt, to, row);
      }
      case TypeId::kTimestampTz: {
        const auto time = values::TimestampOfText(text);
        return SetIf(time ? std::optional(time->micros) : std::nullopt, to, row);
      }
      case TypeId::kBlob: {
        const auto bytes = values::Unbase64(text);
        if (!bytes || !values::IsStrictBase64(text)) return Outcome::kNotJson;
        to.SetBytes(row, bytes->bytes);
        return Outcome::kDone;
      }
      default:
        return Outcome::kWrong;
    }
  }

  Outcome FromNumber(const sql::Type& type, const VectorWriter& to, std::uint64_t row) {
    std::string_view digits;
    bool is_whole = false;
    if (!scanner_.Number(digits, is_whole)) return Outcome::kNotJson;
    switch (type.id) {
      case TypeId::kInteger:
        return is_whole ? SetIf(WholeOf<std::int32_t>(digits), to, row) : Outcome::kWrong;
      case TypeId::kBigint:
        return is_whole ? SetIf(WholeOf<std::int64_t>(digits), to, row) : Outcome::kWrong;
      case TypeId::kFloat: {
        const auto named = AsFloat(NamedDouble(digits));
        return SetIf(named ? named : values::FloatOf(digits), to, row);
      }
      case TypeId::kDouble: {
        const auto named = NamedDouble(digits);
        return SetIf(named ? named : values::DoubleOf(digits), to, row);
      }
      case TypeId::kDecimal: {
        const auto value = DecimalOf(type, digits);
        if (!value) return Outcome::kWrong;
        SetDecimal(type, *value, to, row);
        return Outcome::kDone;
      }
      case TypeId::kTimestampTz: {
        const auto seconds = is_whole ? WholeOf<std::int64_t>(digits) : std::nullopt;
        std::int64_t micros = 0;
        if (!seconds || __builtin_mul_overflow(*seconds, kSecond, &micros)) return Outcome::kWrong;
        to.Set(row, micros);
        return Outcome::kDone;
      }
      default:
        return Outcome::kWrong;
    }
  }

  Outcome Struct(Node& node, const VectorWriter& to, std::uint64_t row) {
    const std::uint64_t number = ++node.structs;
    bool is_whole = true;
    const bool is_json = Members([&](std::string_view name) {
      const auto at = node.Find(name);
      if (!at) return scanner_.Skip();
      const VectorWriter member = to.Member(*at);
      if (node.set_in[*at] == number) member.SetValid(row);
      node.set_in[*at] = number;
      const Outcome outcome = Value(node.children[*at], member, row);
      if (outcome == Outcome::kWrong || outcome == Outcome::kPart) is_whole = false;
      if (outcome == Outcome::kNull || outcome == Outcome::kWrong) {
        SetNull(node.children[*at], member, row);
      }
      return outcome != Outcome::kNotJson;
    });
    if (!is_json) return Outcome::kNotJson;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (node.set_in[i] != number) SetNull(node.children[i], to.Member(i), row);
    }
    return is_whole ? Outcome::kDone : Outcome::kPart;
  }

  // Reads an object; `read` reads the value of a name. False: no JSON.
  template <typename F>
  bool Members(F&& read) {
    scanner_.Take('{');
    if (scanner_.Take('}')) return true;
    do {
      std::string_view name;
      if (!scanner_.Text(name) || !scanner_.Take(':') || !read(name)) return false;
    } while (scanner_.Take(','));
    return scanner_.Take('}');
  }

  // An element of a list or a value of a map, which may be NULL.
  Outcome Element(Node& node, const VectorWriter& to, std::uint64_t row) {
    const Outcome outcome = Value(node, to, row);
    if (outcome != Outcome::kDone && outcome != Outcome::kPart) SetNull(node, to, row);
    return outcome;
  }

  // What is known of a list or map from its elements. One of another type makes all of it NULL.
  struct Parts {
    bool is_json = true;
    bool has_wrong = false;
    bool is_whole = true;

    void Add(Outcome outcome) {
      is_json = is_json && outcome != Outcome::kNotJson;
      has_wrong = has_wrong || outcome == Outcome::kWrong;
      is_whole = is_whole && outcome != Outcome::kPart;
    }
    Outcome Result() const {
      if (!is_json) return Outcome::kNotJson;
      if (has_wrong) return Outcome::kWrong;
      return is_whole ? Outcome::kDone : Outcome::kPart;
    }
  };

  Outcome List(Node& node, const VectorWriter& to, std::uint64_t row) {
    const std::uint64_t begin = to.elements();
    std::uint64_t count = 0;
    Parts parts;
    scanner_.Take('[');
    if (!scanner_.Take(']')) {
      do {
        to.Reserve(begin + count + 1);
        parts.Add(Element(node.children[0], to.Elements(), begin + count++));
      } while (parts.is_json && scanner_.Take(','));
      parts.is_json = parts.is_json && scanner_.Take(']');
    }
    // What was written stays behind, used or not: a NULL in it must not be used again.
    to.SetList(row, begin, count);
    return parts.Result();
  }

  // Of a key that comes twice the first counts.
  Outcome Map(Node& node, const VectorWriter& to, std::uint64_t row) {
    const std::uint64_t begin = to.elements();
    std::vector<std::string> names;
    Parts parts;
    const bool is_json = Members([&](std::string_view name) {
      if (std::ranges::find(names, name) != names.end()) return scanner_.Skip();
      const std::uint64_t at = begin + names.size();
      names.emplace_back(name);
      to.Reserve(at + 1);
      const VectorWriter entries = to.Elements();
      entries.Member(0).SetBytes(at, name);
      parts.Add(Element(node.children[1], entries.Member(1), at));
      return parts.is_json;
    });
    parts.is_json = parts.is_json && is_json;
    to.SetList(row, begin, names.size());
    return parts.Result();
  }

  values::JsonScanner scanner_;
  std::string copy_;
};

JsonReader::JsonReader(const sql::Type& type) : root_(std::make_unique<Node>(type)) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;

void JsonReader::SetNull(const VectorWriter& to, std::uint64_t row) const {
  Run::SetNull(*root_, to, row);
}

bool JsonReader::Read(std::string_view text, const VectorWriter& to, std::uint64_t row) {
  if (Trim(text).empty()) {
    SetNull(to, row);
    return true;
  }
  const Outcome outcome = Run(text, scratch_).Root(*root_, to, row);
  if (outcome == Outcome::kDone) return true;
  if (outcome == Outcome::kPart) return false;
  if (root_->type.id != TypeId::kStruct) {
    SetNull(to, row);
    return outcome == Outcome::kNull;
  }
  for (std::size_t i = 0; i < root_->children.size(); ++i) {
    Run::SetNull(root_->children[i], to.Member(i), row);
  }
  return false;
}

}  // namespace st::worker::spark
