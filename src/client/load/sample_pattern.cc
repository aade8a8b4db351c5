#include "client/load/sample_pattern.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "client/load/limits.h"

namespace st::client::load {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

// The bytes of the first character of a text in UTF-8. Requires: the text is not empty.
std::size_t FirstCharacterSize(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

// Walks a pattern and writes one text that it takes.
class PatternWriter {
 public:
  PatternWriter(std::string_view pattern, os::Random& random) : rest_(pattern), random_(random) {}

  std::string Alternatives() {
    std::vector<std::string> choices;
    choices.push_back(Sequence());
    while (Skip('|')) choices.push_back(Sequence());
    return choices[random_.Next() % choices.size()];
  }

 private:
  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view Take() {
    const auto character = rest_.substr(0, FirstCharacterSize(rest_));
    rest_.remove_prefix(character.size());
    return character;
  }

  // What stands up to `end`, which is passed over; "" and nothing is passed over where it lacks.
  std::string_view TakeThrough(std::string_view end) {
    const auto at = rest_.find(end);
    if (at == rest_.npos) return "";
    const auto text = rest_.substr(0, at);
    rest_.remove_prefix(at + end.size());
    return text;
  }

  std::string Sequence() {
    std::string out;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const auto before = rest_;
      std::string atom = Atom();
      const auto after = rest_;
      const int times = Repetitions();
      const auto end = rest_;
      for (int i = 0; i < times; ++i) {
        out += atom;
        if (i + 1 == times) break;
        rest_ = before;  // each time another text
        atom = Atom();
      }
      rest_ = end.data() >= after.data() ? end : after;
    }
    return out;
  }

  std::string Atom() {
    if (Skip('(')) return Group();
    if (Skip('[')) return Class();
    if (Skip('^') || Skip('$')) return "";
    if (Skip('.')) return Of(kLetters);
    if (Skip('\\') && !rest_.empty()) return Escaped();
    return rest_.empty() ? "" : std::string(Take());
  }

  // Behind its bracket: (?:…), (?i:…), (?P<name>…), (?<name>…), the flags (?i) alone, or (…).
  std::string Group() {
    if (Skip('?')) {
      const auto end = rest_.find_first_of(":>)");
      if (end == rest_.npos) return "";
      const bool is_whole = rest_[end] == ')';
      rest_.remove_prefix(end + 1);
      if (is_whole) return "";
    }
    std::string out = Alternatives();
    Skip(')');
    return out;
  }

  // Behind the backslash, outside of a class.
  std::string Escaped() {
    if (Skip('A') || Skip('z') || Skip('b')) return "";
    const auto set = EscapedSet();
    return OneOf(set);
  }

  // The characters, or some of them, that an escape stands for. Behind the backslash.
  std::vector<std::string> EscapedSet() {
    if (Skip('d')) return Characters(kDigits);
    if (Skip('w')) return Characters(std::string(kLetters) + std::string(kDigits));
    if (Skip('s')) return {" "};
    if (Skip('n')) return {"\n"};
    if (Skip('t')) return {"\t"};
    if (Skip('D') || Skip('S')) return Characters(kLetters);
    if (Skip('W')) return {"-"};
    if (Skip('p')) {
      const auto name = Skip('{') ? TakeThrough("}") : rest_.empty() ? rest_ : Take();
      if (name.starts_with('N')) return Characters(kDigits);
      return Characters(name == "Lu" ? kCapitals : kLetters);
    }
    return {std::string(Take())};
  }

  static std::vector<std::string> Characters(std::string_view ascii) {
    std::vector<std::string> out;
    for (const char c : ascii) out.emplace_back(1, c);
    return out;
  }

  std::string Of(std::string_view ascii) {
    return std::string(1, ascii[random_.Next() % ascii.size()]);
  }

  std::string OneOf(const std::vector<std::string>& set) {
    return set.empty() ? "-" : set[random_.Next() % set.size()];
  }

  // Behind its bracket.
  std::string Class() {
    const bool is_negated = Skip('^');
    std::vector<std::string> set;
    while (!rest_.empty() && (rest_.front() != ']' || set.empty())) AddClassPart(set);
    Skip(']');
    if (!is_negated) return OneOf(set);
    for (auto& one : Characters(std::string(kLetters) + std::string(kDigits))) {
      if (std::ranges::find(set, one) == set.end()) return one;
    }
    return "-";
  }

  // A character, an escape, a class such as [:alpha:], or a range; of one beyond ASCII its ends.
  void AddClassPart(std::vector<std::string>& set) {
    if (rest_.starts_with("[:")) {
      rest_.remove_prefix(2);
      const auto name = TakeThrough(":]");
      const auto part = Characters(name == "digit"   ? kDigits
                                   : name == "upper" ? kCapitals
                                                     : kLetters);
      set.insert(set.end(), part.begin(), part.end());
      return;
    }
    if (Skip('\\') && !rest_.empty()) {
      const auto part = EscapedSet();
      set.insert(set.end(), part.begin(), part.end());
      return;
    }
    if (rest_.empty()) return;
    const std::string first(Take());
    set.push_back(first);
    if (rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') return;
    rest_.remove_prefix(1);
    const std::string last(Take());
    if (first.size() == 1 && last.size() == 1) {
      for (char c = first[0]; c < last[0]; set.emplace_back(1, c)) ++c;
    } else {
      set.push_back(last);
    }
  }

  int Between(int least, int most) {
    const auto span = static_cast<std::uint64_t>(std::max(most - least, 0)) + 1;
    return least + static_cast<int>(random_.Next() % span);
  }

  int Repetitions() {
    int times = 1;
    if (Skip('*')) {
      times = Between(0, kMaxPatternRepeats);
    } else if (Skip('+')) {
      times = Between(1, kMaxPatternRepeats);
    } else if (Skip('?')) {
      return Between(0, 1);
    } else if (const auto end = rest_.find('}'); rest_.starts_with('{') && end != rest_.npos) {
      const auto bounds = Split(rest_.substr(1, end - 1), ',');
      rest_.remove_prefix(end + 1);
      const auto least = static_cast<int>(ParseInt64(bounds[0]).value_or(0));
      const auto most =
          bounds.size() == 1 ? least : static_cast<int>(ParseInt64(bounds[1]).value_or(least));
      times = Between(least, std::min(most, least + kMaxPatternRepeats));
    }
    Skip('?');  // lazy
    return times;
  }

  std::string_view rest_;
  os::Random& random_;
};

}  // namespace

std::string SamplePattern(std::string_view pattern, os::Random& random) {
  return PatternWriter(pattern, random).Alternatives();
}

}  // namespace st::client::load
