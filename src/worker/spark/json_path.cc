#include "worker/spark/json_path.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "spark_values/limits.h"

namespace st::worker::spark {
namespace {

using Step = spark_values::JsonStep;
using Steps = std::span<const Step>;

// How a text is written, and an array at the path's end.
enum class Style {
  kRaw,      // a text without quotes
  kQuoted,   // a text in quotes
  kFlatten,  // the elements of an array in place of the array
};

// Appends JSON; characters beyond U+FFFF become two escapes, as where Jackson writes UTF-8.
void AppendEscaped(std::string_view json, std::string& out) {
  for (std::size_t i = 0; i < json.size();) {
    const auto first = static_cast<unsigned char>(json[i]);
    if (first < 0xF0U || i + 4 > json.size()) {
      out += json[i++];
      continue;
    }
    const auto bits = [&](std::size_t at) {
      return static_cast<unsigned>(static_cast<unsigned char>(json[i + at])) & 0x3FU;
    };
    const unsigned code =
        ((first & 0x07U) << 18U | bits(1) << 12U | bits(2) << 6U | bits(3)) - 0x10000U;
    out += fmt::format("\\u{:04X}\\u{:04X}", 0xD800U + (code >> 10U), 0xDC00U + (code & 0x3FFU));
    i += 4;
  }
}

// Writes values with what stands between them, as Jackson's generator: a comma inside an array, a
// space outside.
class Output {
 public:
  // `escapes`: characters beyond U+FFFF become two escapes, as where Jackson writes UTF-8.
  explicit Output(bool escapes) : escapes_(escapes) {}

  void BeginArray() {
    Separate();
    text_ += '[';
    has_value_.push_back(false);
  }
  void EndArray() {
    text_ += ']';
    has_value_.pop_back();
  }
  // A text outside of all JSON.
  void Raw(std::string_view text) { text_ += text; }
  // JSON that another output wrote.
  void Written(std::string_view json) {
    Separate();
    text_ += json;
  }
  void Value(std::string_view json) {
    Separate();
    if (escapes_) {
      AppendEscaped(json, text_);
    } else {
      text_ += json;
    }
  }
  std::string& text() { return text_; }

 private:
  void Separate() {
    if (has_value_.back()) text_ += has_value_.size() == 1 ? ' ' : ',';
    has_value_.back() = true;
  }

  const bool escapes_;
  std::string text_;
  std::vector<bool> has_value_ = {false};  // of the arrays around, outermost first
};

// GetJsonObjectEvaluator of Spark over one text.
class Evaluation {
 public:
  Evaluation(std::string_view text, std::string& scratch)
      : scanner_(text, scratch, spark_values::JsonRules::kFunctions) {}

  std::optional<std::string> Run(Steps steps) {
    Output output(true);
    const bool has_match = Value(Style::kRaw, steps, output, 0);
    if (!is_json_ || !has_match) return std::nullopt;
    return std::move(output.text());
  }

 private:
  // Reads the next value. True: something in it matched and was written.
  bool Value(Style style, Steps steps, Output& output, int depth) {
    if (depth > spark_values::kMaxJsonDepth) return NotJson();
    const char next = scanner_.Next();
    if (steps.empty()) return AtEnd(style, next, output, depth);
    const Step& step = steps[0];
    if (next == '{' && step.kind == Step::Kind::kName) {
      return Object(style, steps, output, depth);
    }
    if (next == '[' && step.kind == Step::Kind::kElements) {
      return Every(style, steps.subspan(1), output, depth);
    }
    if (next == '[' && step.kind == Step::Kind::kIndex) {
      return One(style, step.index, steps.subspan(1), output, depth);
    }
    return Skip();
  }

  bool AtEnd(Style style, char next, Output& output, int depth) {
    if (style == Style::kRaw && (next == '"' || next == '\'')) {
      std::string_view text;
      if (!scanner_.Text(text)) return NotJson();
      output.Raw(text);
      return true;
    }
    if (style == Style::kFlatten && next == '[') {
      bool has_match = false;
      Elements([&] { has_match |= Value(style, {}, output, depth + 1); });
      return has_match;
    }
    std::string json;
    if (!scanner_.Copy(json)) return NotJson();
    output.Value(json);
    return true;
  }

  // The first member of that name that has a match.
  bool Object(Style style, Steps steps, Output& output, int depth) {
    bool has_match = false;
    scanner_.Take('{');
    if (scanner_.Take('}')) return false;
    do {
      std::string_view name;
      if (!scanner_.Text(name)) return NotJson();
      const bool is_ours = !has_match && name == steps[0].name;
      if (!scanner_.Take(':')) return NotJson();
      if (is_ours && scanner_.Next() != 'n') {
        has_match = Value(style, steps.subspan(1), output, depth + 1);
      } else {
        Skip();
      }
    } while (is_json_ && scanner_.Take(','));
    return scanner_.Take('}') ? has_match : NotJson();
  }

  bool Every(Style style, Steps steps, Output& output, int depth) {
    // Hive flattens what two wildcards match.
    const bool are_two = !steps.empty() && steps[0].kind == Step::Kind::kElements;
    if (are_two || style == Style::kQuoted) {
      const Style inner = are_two ? Style::kFlatten : Style::kQuoted;
      bool has_match = false;
      output.BeginArray();
      Elements([&] {
        has_match |= Value(inner, are_two ? steps.subspan(1) : steps, output, depth + 1);
      });
      output.EndArray();
      return has_match;
    }
    // One match stands without an array.
    Output inner(false);
    std::size_t matches = 0;
    inner.BeginArray();
    Elements([&] {
      const Style written = style == Style::kRaw ? Style::kQuoted : style;
      if (Value(written, steps, inner, depth + 1)) ++matches;
    });
    inner.EndArray();
    const std::string_view json = inner.text();
    if (matches > 1) output.Written(json);
    if (matches == 1) output.Written(json.substr(1, json.size() - 2));
    return matches > 0;
  }

  bool One(Style style, std::int64_t index, Steps steps, Output& output, int depth) {
    if (!steps.empty() && steps[0].kind == Step::Kind::kElements) style = Style::kQuoted;
    bool has_match = false;
    std::int64_t place = 0;
    Elements([&] {
      if (place++ == index) {
        has_match = Value(style, steps, output, depth + 1);
      } else {
        Skip();
      }
    });
    return has_match;
  }

  // Calls `read` before each element of an array, which it reads.
  template <typename F>
  void Elements(F&& read) {
    scanner_.Take('[');
    if (scanner_.Take(']')) return;
    do {
      read();
    } while (is_json_ && scanner_.Take(','));
    if (!scanner_.Take(']')) NotJson();
  }

  bool Skip() { return scanner_.Skip() ? false : NotJson(); }

  bool NotJson() {
    is_json_ = false;
    return false;
  }

  spark_values::JsonScanner scanner_;
  bool is_json_ = true;
};

}  // namespace

bool AppendMatch(spark_values::JsonScanner& scanner, std::string& out) {
  const char next = scanner.Next();
  if (next == '"' || next == '\'') {
    std::string_view text;
    if (!scanner.Text(text)) return false;
    out += text;
    return true;
  }
  std::string json;
  if (!scanner.Copy(json)) return false;
  AppendEscaped(json, out);
  return true;
}

Result<std::optional<std::string>> AtJsonPath(JsonPathCache& cache, std::string_view text,
                                              std::string_view path) {
  if (!cache.steps || cache.path != path) {
    cache.path = path;
    cache.steps = spark_values::ParseJsonPath(path);
  }
  if (!cache.steps) return std::unexpected(cache.steps.error());
  return Evaluation(text, cache.scratch).Run(*cache.steps);
}

}  // namespace st::worker::spark
