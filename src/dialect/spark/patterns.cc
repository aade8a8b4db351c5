#include "dialect/spark/patterns.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"

namespace st::dialect::spark {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Appends one name of a path.
Status AppendName(std::string_view name, std::string& out) {
  if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "a name in the path is empty");
  if (name == "*") {
    return Fail(ErrorCode::kInvalidArgument, "wildcards (*) are not supported yet");
  }
  if (name.find_first_of("\"\\?'") != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "names with quotes, backslashes or ? are not supported in a path");
  }
  out += fmt::format(".\"{}\"", name);
  return {};
}

// Half of RE2's own limit, since a worker may run another version of the library.
constexpr std::int64_t kMaxPatternMemory = re2::RE2::Options::kDefaultMaxMem / 2;

// Translates a pattern of Java to RE2: copies constructs that mean the same, and rewrites or
// refuses others.
class RegexTranslator {
 public:
  explicit RegexTranslator(std::string_view java) : java_(java) {}

  Result<Regex> Run() {
    while (at_ < java_.size()) ST_TRY_STATUS(Step());
    if (depth_ != 0) return Refuse("a ( has no )");
    // A worker compiles the pattern with its own RE2, which limits memory as well as syntax.
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kMaxPatternMemory);
    const re2::RE2 compiled(out_.pattern, options);
    if (compiled.ok()) return std::move(out_);
    return Fail(ErrorCode::kInvalidArgument,
                "in the pattern: {}; a part repeats at most 1000 times, also by repetitions in "
                "repetitions, and a compiled pattern has at most {} MiB",
                compiled.error(), kMaxPatternMemory >> 20);
  }

 private:
  std::unexpected<Error> Refuse(std::string_view what) const {
    return Fail(ErrorCode::kInvalidArgument,
                "in the pattern: {}; supported are literals, . [...] ( ) (?: ) | * + ? {{m,n}} and "
                "their lazy forms, ^ at the start, $ at the end, \\d \\w \\s and escaped "
                "punctuation",
                what);
  }

  Status Step() {
    const char c = java_[at_];
    switch (c) {
      case '\\':
        return Escape();
      case '[':
        return Class();
      case '(':
        return Open();
      case ')':
        if (--depth_ < 0) return Refuse("a ) has no (");
        break;
      case '.':  // Java has more line terminators than RE2
        out_.pattern += R"([^\n\r\x{85}\x{2028}\x{2029}])";
        ++at_;
        return {};
      case '^':
        if (at_ != 0) return Refuse("^ stands only at the start");
        break;
      case '$':
        if (at_ + 1 != java_.size()) return Refuse("$ stands only at the end");
        out_.pattern += R"((?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z)";
        out_.has_end_anchor = true;
        ++at_;
        return {};
      case '*':
      case '+':
      case '?':
      case '{':
        return Quantifier();
      case '}':
      case ']':
        return Refuse("an unescaped } or ]");
      default:
        break;
    }
    out_.pattern += c;
    ++at_;
    return {};
  }

  Status Escape() {
    if (at_ + 1 >= java_.size()) return Refuse("a \\ at the end");
    const char c = java_[at_ + 1];
    if (c == 's') {  // in Java \s includes the vertical tab
      out_.pattern += R"([\t\n\x0B\f\r ])";
    } else if (c == 'd' || c == 'w' || c == 'n' || c == 't' || c == 'r' || !IsAlnum(c)) {
      if ((c & '\x80') != 0) return Refuse("a \\ before a letter beyond ASCII");
      out_.pattern += '\\';
      out_.pattern += c;
    } else {
      return Refuse(fmt::format("\\{}", c));
    }
    at_ += 2;
    return {};
  }

  Status Open() {
    if (at_ + 1 < java_.size() && java_[at_ + 1] == '?') {
      if (at_ + 2 >= java_.size() || java_[at_ + 2] != ':') return Refuse("(? other than (?:");
      out_.pattern += "(?:";
      at_ += 3;
    } else {
      ++out_.groups;
      out_.pattern += '(';
      ++at_;
    }
    ++depth_;
    return {};
  }

  Status Quantifier() {
    if (at_ == 0 || java_[at_ - 1] == '(' || java_[at_ - 1] == '|' || java_[at_ - 1] == '^') {
      return Refuse("a quantifier behind nothing");
    }
    const std::size_t start = at_;
    if (java_[at_] == '{') {
      const auto end = java_.find('}', at_);
      if (end == std::string_view::npos) return Refuse("a { has no }");
      const auto inside = java_.substr(at_ + 1, end - at_ - 1);
      const auto parts = Split(inside, ',');
      const auto low = ParseInt64(parts[0]);
      const auto high = parts.size() == 2 && !parts[1].empty() ? ParseInt64(parts[1]) : low;
      if (!low || !high || parts.size() > 2 || *low < 0 || *high < *low || *high > 1000) {
        return Refuse("{m,n} has numbers up to 1000");
      }
      at_ = end + 1;
    } else {
      ++at_;
    }
    if (at_ < java_.size() && java_[at_] == '+') return Refuse("possessive quantifiers");
    if (at_ < java_.size() && java_[at_] == '?') ++at_;
    if (at_ < java_.size() && (java_[at_] == '*' || java_[at_] == '?' || java_[at_] == '{')) {
      return Refuse("a quantifier behind a quantifier");
    }
    out_.pattern += java_.substr(start, at_ - start);
    return {};
  }

  Status Class() {
    std::string text = "[";
    ++at_;
    if (at_ < java_.size() && java_[at_] == '^') {
      text += '^';
      ++at_;
    }
    bool is_empty = true;
    while (at_ < java_.size() && java_[at_] != ']') {
      const char c = java_[at_];
      if (c == '[' || (c == '&' && java_.substr(at_).starts_with("&&"))) {
        return Refuse("classes in classes");
      }
      if (c == '\\') {
        if (at_ + 1 >= java_.size()) return Refuse("a \\ at the end");
        const char next = java_[at_ + 1];
        if (next == 's') {
          text += R"(\t\n\x0B\f\r )";
        } else if (next == 'd' || next == 'w' || next == 'n' || next == 't' || next == 'r' ||
                   (!IsAlnum(next) && (next & '\x80') == 0)) {
          text += '\\';
          text += next;
        } else {
          return Refuse(fmt::format("\\{}", next));
        }
        at_ += 2;
      } else {
        if (c == '^') text += '\\';
        text += c;
        ++at_;
      }
      is_empty = false;
    }
    if (at_ >= java_.size() || is_empty) return Refuse("a [ has no ], or is empty");
    ++at_;
    out_.pattern += text + "]";
    return {};
  }

  std::string_view java_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Regex out_;
};

}  // namespace

Result<std::string> TranslateJsonPath(std::string_view path) {
  if (!path.starts_with('$')) {
    return Fail(ErrorCode::kInvalidArgument, "a path starts with $, as in '$.Host'");
  }
  std::string out = "$";
  std::string_view rest = path.substr(1);
  while (!rest.empty()) {
    if (rest.starts_with('.')) {
      const auto end = std::min(rest.find_first_of(".[", 1), rest.size());
      ST_TRY_STATUS(AppendName(rest.substr(1, end - 1), out));
      rest.remove_prefix(end);
      continue;
    }
    const auto end = rest.find(']');
    if (!rest.starts_with('[') || end == std::string_view::npos || end < 2) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a path has steps .name, ['name'] and [0], as in '$.items[0].name'");
    }
    const std::string_view inside = rest.substr(1, end - 1);
    if (inside.size() >= 2 && inside.starts_with('\'') && inside.ends_with('\'')) {
      ST_TRY_STATUS(AppendName(inside.substr(1, inside.size() - 2), out));
    } else if (inside == "*") {
      ST_TRY_STATUS(AppendName(inside, out));
    } else if (std::ranges::all_of(inside, IsDigit) && inside.size() <= 9) {
      out += fmt::format("[{}]", inside);
    } else {
      return Fail(ErrorCode::kInvalidArgument,
                  "in brackets stands a number or a name in quotes, as in $[0] or $['name']");
    }
    rest.remove_prefix(end + 1);
  }
  return out;
}

Result<Regex> TranslateRegex(std::string_view java) { return RegexTranslator(java).Run(); }

Status CheckLikePattern(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (i == pattern.size() || (pattern[i] != '%' && pattern[i] != '_' && pattern[i] != '\\')) {
      return Fail(ErrorCode::kInvalidArgument,
                  "in a LIKE pattern a backslash stands before %, _ or another backslash");
    }
  }
  return {};
}

}  // namespace st::dialect::spark
