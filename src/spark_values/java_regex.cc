#include "spark_values/java_regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace st::spark_values {
namespace {

bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }
char OtherCase(char c) { return static_cast<char>(c ^ 0x20); }

// Half of RE2's own limit, since a worker may run another version of the library.
constexpr std::int64_t kMaxPatternMemory = re2::RE2::Options::kDefaultMaxMem / 2;
// Java has more line terminators than RE2.
constexpr std::string_view kTerminators = R"(\n\r\x{85}\x{2028}\x{2029})";

// What a letter behind a backslash, and a name in \p{…}, means inside a class. An upper-case letter
// is the complement of its lower-case one.
constexpr std::array<std::pair<char, std::string_view>, 3> kEscapes = {{
    {'d', "0-9"},
    {'w', "0-9A-Za-z_"},
    {'s', R"(\t\n\x0B\f\r )"},  // in Java \s includes the vertical tab
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kNamed = {{
    {"Alpha", "A-Za-z"},
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"Digit", "0-9"},
    {"Alnum", "0-9A-Za-z"},
    {"Punct", R"(!-/:-@\[-`{-~)"},
    {"Space", R"(\t\n\x0B\f\r )"},
    {"XDigit", "0-9A-Fa-f"},
    {"ASCII", R"(\x00-\x7F)"},
    {"Cntrl", R"(\x00-\x1F\x7F)"},
    {"Blank", R"( \t)"},
    {"Graph", "!-~"},
}};
// Unicode's categories, which both name alike.
constexpr std::array<std::string_view, 16> kCategories = {
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "P", "S", "Sc", "Sm", "Z", "Zs"};

// Copies constructs that mean the same, and rewrites or refuses others.
class RegexTranslator {
 public:
  explicit RegexTranslator(std::string_view java) : java_(java) {}

  Result<Regex> Run() {
    ST_TRY_STATUS(Flags());
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
                "their lazy forms, ^, $ at the end of an alternative, \\d \\w \\s \\b \\p{{L}} and "
                "escaped punctuation",
                what);
  }

  bool Has(std::size_t ahead) const { return at_ + ahead < java_.size(); }

  // (?i), (?s) and (?is) at the start.
  Status Flags() {
    while (java_.substr(at_).starts_with("(?")) {
      const auto end = java_.find_first_not_of("is", at_ + 2);
      if (end == at_ + 2 || end == std::string_view::npos || java_[end] != ')') return {};
      for (std::size_t i = at_ + 2; i < end; ++i) {
        (java_[i] == 'i' ? ignores_case_ : dot_is_all_) = true;
      }
      at_ = end + 1;
      flags_end_ = at_;
    }
    return {};
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
      case '.':
        out_.pattern += dot_is_all_ ? "(?s:.)" : fmt::format("[^{}]", kTerminators);
        ++at_;
        return {};
      case '$':
        return End();
      case '*':
      case '+':
      case '?':
      case '{':
        return Quantifier();
      case '}':
      case ']':
        return Refuse("an unescaped } or ]");
      default:
        if (ignores_case_ && IsLetter(c)) {
          out_.pattern += fmt::format("[{}{}]", c, OtherCase(c));
          ++at_;
          return {};
        }
        break;
    }
    out_.pattern += c;
    ++at_;
    return {};
  }

  Status End() {
    if (Has(1) && java_[at_ + 1] != ')' && java_[at_ + 1] != '|') {
      return Refuse("$ stands only at the end of an alternative");
    }
    out_.end_groups.push_back(++all_groups_);
    out_.pattern += fmt::format(R"(((?:\r\n|[{}])?)\z)", kTerminators);
    ++at_;
    return {};
  }

  // The members of the class that the escape at `at_` names, behind which it moves; "" where it
  // names none. `is_complement`: it is all other characters.
  Result<std::string> ClassEscape(bool& is_complement) {
    const char c = java_[at_ + 1];
    is_complement = c == 'D' || c == 'W' || c == 'S' || c == 'P';
    if (c == 'p' || c == 'P') {
      const auto end = java_.find('}', at_);
      if (!Has(2) || java_[at_ + 2] != '{' || end == std::string_view::npos) {
        return Refuse("\\p has a name in braces");
      }
      const std::string_view name = java_.substr(at_ + 3, end - at_ - 3);
      at_ = end + 1;
      for (const auto& [known, members] : kNamed) {
        if (known == name) return std::string(members);
      }
      const std::string_view category = name.starts_with("Is") ? name.substr(2) : name;
      if (std::ranges::find(kCategories, category) != kCategories.end()) {
        return fmt::format("\\p{{{}}}", category);
      }
      return Refuse(fmt::format("\\p{{{}}}", name));
    }
    const char lower = is_complement ? OtherCase(c) : c;
    for (const auto& [letter, members] : kEscapes) {
      if (letter != lower) continue;
      at_ += 2;
      return std::string(members);
    }
    return std::string();
  }

  // The character of the escape at `at_`, as RE2 writes it, behind which it moves.
  Result<std::string> CharacterEscape() {
    const char c = java_[at_ + 1];
    if (c == 'n' || c == 't' || c == 'r' || c == 'f' || c == 'a') {
      at_ += 2;
      return fmt::format("\\{}", c);
    }
    if (c == 'e') {
      at_ += 2;
      return std::string("\\x1B");
    }
    if (c == 'x' || c == 'u') {
      const std::size_t digits = c == 'x' ? 2 : 4;
      const std::string_view hex = java_.substr(at_ + 2, digits);
      const bool is_hex = hex.size() == digits && std::ranges::all_of(hex, [](char d) {
                            return IsDigit(d) || (d >= 'a' && d <= 'f') || (d >= 'A' && d <= 'F');
                          });
      if (!is_hex || (digits == 4 && (hex[0] == 'd' || hex[0] == 'D') && hex[1] >= '8')) {
        return Refuse(fmt::format("\\{} without a character's number", c));
      }
      at_ += 2 + digits;
      return fmt::format("\\x{{{}}}", hex);
    }
    if (IsAlnum(c)) return Refuse(fmt::format("\\{}", c));
    if ((c & '\x80') != 0) return Refuse("a \\ before a letter beyond ASCII");
    at_ += 2;
    return fmt::format("\\{}", c);
  }

  Status Escape() {
    if (!Has(1)) return Refuse("a \\ at the end");
    const char c = java_[at_ + 1];
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') {
      out_.pattern += java_.substr(at_, 2);
      at_ += 2;
      return {};
    }
    if (c == 'Q') {
      const std::size_t end = std::min(java_.find("\\E", at_), java_.size());
      if (ignores_case_) return Refuse("\\Q with (?i)");
      out_.pattern += re2::RE2::QuoteMeta(java_.substr(at_ + 2, end - at_ - 2));
      at_ = std::min(end + 2, java_.size());
      return {};
    }
    bool is_complement = false;
    ST_TRY(const auto members, ClassEscape(is_complement));
    if (!members.empty()) {
      if (ignores_case_ && members.starts_with("\\p")) return Refuse("\\p{…} with (?i)");
      out_.pattern += fmt::format("[{}{}]", is_complement ? "^" : "", members);
      return {};
    }
    ST_TRY(const auto character, CharacterEscape());
    out_.pattern += character;
    return {};
  }

  Status Open() {
    if (Has(1) && java_[at_ + 1] == '?') {
      const std::string_view rest = java_.substr(at_ + 2);
      const bool is_named = rest.size() > 1 && rest[0] == '<' && IsLetter(rest[1]);
      if (!is_named && !rest.starts_with(':')) {
        return Refuse("(? other than (?:, (?<name> and (?i) or (?s) at the start");
      }
      if (is_named) {
        const auto end = rest.find('>');
        const std::string_view name = rest.substr(1, end == std::string_view::npos ? 0 : end - 1);
        if (name.empty() || !std::ranges::all_of(name, IsAlnum)) return Refuse("a group's name");
        AddGroup();
        out_.pattern += "(";
        at_ += 3 + end;
      } else {
        out_.pattern += "(?:";
        at_ += 3;
      }
    } else {
      AddGroup();
      out_.pattern += '(';
      ++at_;
    }
    ++depth_;
    return {};
  }

  void AddGroup() {
    ++out_.groups;
    out_.numbers.push_back(++all_groups_);
  }

  Status Quantifier() {
    const char before = at_ == 0 ? '(' : java_[at_ - 1];
    const bool is_escaped = at_ > 1 && java_[at_ - 2] == '\\';
    if (!is_escaped && (before == '(' || before == '|' || before == '^' || before == '$')) {
      return Refuse("a quantifier behind nothing");
    }
    if (at_ == flags_end_) return Refuse("a quantifier behind nothing");
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
    if (Has(0) && java_[at_] == '+') return Refuse("possessive quantifiers");
    if (Has(0) && java_[at_] == '?') ++at_;
    if (Has(0) && (java_[at_] == '*' || java_[at_] == '?' || java_[at_] == '{')) {
      return Refuse("a quantifier behind a quantifier");
    }
    out_.pattern += java_.substr(start, at_ - start);
    return {};
  }

  Status Class() {
    std::string text = "[";
    ++at_;
    if (Has(0) && java_[at_] == '^') {
      text += '^';
      ++at_;
    }
    bool is_empty = true;
    while (Has(0) && java_[at_] != ']') {
      const char c = java_[at_];
      if (c == '[' || (c == '&' && java_.substr(at_).starts_with("&&"))) {
        return Refuse("classes in classes");
      }
      ST_TRY_STATUS(ClassMember(text));
      is_empty = false;
    }
    if (!Has(0) || is_empty) return Refuse("a [ has no ], or is empty");
    ++at_;
    out_.pattern += text + "]";
    return {};
  }

  // Appends a character, a range or a class of characters.
  Status ClassMember(std::string& text) {
    const std::size_t start = at_;
    const char c = java_[at_];
    if (c == '\\') {
      if (!Has(1)) return Refuse("a \\ at the end");
      bool is_complement = false;
      const char letter = java_[at_ + 1];
      ST_TRY(const auto members, ClassEscape(is_complement));
      if (members.empty()) {
        ST_TRY(const auto character, CharacterEscape());
        text += character;
        return {};
      }
      const bool is_property = members.starts_with("\\p");
      if (is_property && ignores_case_) return Refuse("\\p{…} with (?i)");
      if (!is_complement) {
        text += members;
      } else if (is_property) {
        text += "\\P" + members.substr(2);
      } else if (letter == 'D' || letter == 'W') {
        text += fmt::format("\\{}", letter);
      } else {
        return Refuse(fmt::format("{} in a class", java_.substr(start, 2)));
      }
      return {};
    }
    const bool is_range = Has(2) && java_[at_ + 1] == '-' && java_[at_ + 2] != ']';
    if (ignores_case_ && is_range) {
      const char last = java_[at_ + 2];
      if (!IsLetter(c) && !IsLetter(last)) {
        if (!IsDigit(c) || !IsDigit(last)) return Refuse("a range of no letters with (?i)");
      } else if (!IsLetter(c) || !IsLetter(last) || ((c ^ last) & 0x20) != 0) {
        return Refuse("a range that begins and ends with letters of one case is needed with (?i)");
      } else {
        text += fmt::format("{}-{}", OtherCase(c), OtherCase(last));
      }
      text += java_.substr(at_, 3);
      at_ += 3;
      return {};
    }
    if (ignores_case_ && IsLetter(c)) text += OtherCase(c);
    if (c == '^') text += '\\';
    text += c;
    ++at_;
    return {};
  }

  std::string_view java_;
  std::size_t at_ = 0;
  std::size_t flags_end_ = 0;
  int depth_ = 0;
  int all_groups_ = 0;  // RE2's
  bool ignores_case_ = false;
  bool dot_is_all_ = false;
  Regex out_;
};

}  // namespace

Result<Regex> TranslateRegex(std::string_view java) { return RegexTranslator(java).Run(); }

Result<std::vector<ReplacementPart>> ParseReplacement(std::string_view java, int groups) {
  const auto wrong = [](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument, "in the replacement: {}", what);
  };
  std::vector<ReplacementPart> parts;
  const auto text = [&]() -> std::string& {
    if (parts.empty() || parts.back().group >= 0) parts.emplace_back();
    return parts.back().text;
  };
  for (std::size_t at = 0; at < java.size(); ++at) {
    if (java[at] == '\\') {
      if (++at == java.size()) return wrong("a \\ at the end; write \\\\ for a backslash");
      text() += java[at];
    } else if (java[at] == '$') {
      if (at + 1 == java.size() || !IsDigit(java[at + 1])) {
        return wrong("a $ has a group's number behind it; write \\$ for a dollar");
      }
      int group = java[++at] - '0';
      if (group > groups)
        return wrong(fmt::format("${}: the pattern has {} groups", group, groups));
      while (at + 1 < java.size() && IsDigit(java[at + 1]) &&
             group * 10 + (java[at + 1] - '0') <= groups) {
        group = group * 10 + (java[++at] - '0');
      }
      parts.push_back({.text = {}, .group = group});
    } else {
      text() += java[at];
    }
  }
  return parts;
}

}  // namespace st::spark_values
