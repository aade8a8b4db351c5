#include "client/load/sample_pattern.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "client/load/limits.h"

namespace st::client::load {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

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

  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
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
    if (Skip('(')) {
      if (rest_.starts_with("?:")) rest_.remove_prefix(2);
      std::string out = Alternatives();
      Skip(')');
      return out;
    }
    if (Skip('[')) return {Class()};
    if (Skip('^') || Skip('$')) return "";
    if (Skip('.')) return {Of(kLetters)};
    if (Skip('\\') && !rest_.empty()) {
      const auto set = Escaped(Take());
      return {Of(set)};
    }
    return rest_.empty() ? "" : std::string{Take()};
  }

  static std::string Escaped(char c) {
    if (c == 'd') return std::string(kDigits);
    if (c == 'w') return std::string(kLetters) + std::string(kDigits);
    if (c == 's') return " ";
    return {c};
  }

  char Of(std::string_view set) { return set.empty() ? '-' : set[random_.Next() % set.size()]; }

  char Class() {
    const bool is_negated = Skip('^');
    std::string set;
    while (!rest_.empty() && (rest_.front() != ']' || set.empty())) {
      char c = Take();
      if (c == '\\' && !rest_.empty()) {
        set += Escaped(Take());
        continue;
      }
      set += c;
      if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        for (const char last = Take(); c < last; set += c) ++c;
      }
    }
    Skip(']');
    if (!is_negated) return Of(set);
    for (const char c : std::string(kLetters) + std::string(kDigits)) {
      if (!set.contains(c)) return c;
    }
    return '-';
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
