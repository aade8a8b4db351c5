#include "spark_values/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

std::size_t Utf16Units(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size(); at += CharacterBytes(text[at])) {
    units += CharacterBytes(text[at]) == 4 ? 2 : 1;
  }
  return units;
}

// One match at a time, as Java's Matcher finds them.
class Matches {
 public:
  Matches(const RegexCache::Compiled& compiled, std::string_view text)
      : compiled_(compiled),
        text_(text),
        groups_(static_cast<std::size_t>(compiled.program->NumberOfCapturingGroups()) + 1) {}

  bool Next() {
    if (from_ > text_.size()) return false;
    const re2::StringPiece all(text_.data(), text_.size());
    if (!compiled_.program->Match(all, from_, all.size(), re2::RE2::UNANCHORED, groups_.data(),
                                  static_cast<int>(groups_.size()))) {
      return false;
    }
    start_ = static_cast<std::size_t>(groups_[0].data() - text_.data());
    end_ = start_ + groups_[0].size();
    for (const int number : compiled_.regex.end_groups) {
      const auto& line_end = groups_[static_cast<std::size_t>(number)];
      if (line_end.data() != nullptr) {
        end_ = static_cast<std::size_t>(line_end.data() - text_.data());
      }
    }
    from_ = end_;
    if (start_ == end_) {
      from_ = end_ < text_.size() ? end_ + CharacterBytes(text_[end_]) : text_.size() + 1;
    }
    return true;
  }

  std::size_t start() const { return start_; }
  std::size_t end() const { return end_; }
  // "" for a group that took no part.
  std::string_view Group(int group) const {
    if (group == 0) return text_.substr(start_, end_ - start_);
    const auto& found =
        groups_[static_cast<std::size_t>(compiled_.regex.numbers[static_cast<std::size_t>(group)])];
    return {found.data(), found.size()};
  }

 private:
  const RegexCache::Compiled& compiled_;
  const std::string_view text_;
  std::vector<re2::StringPiece> groups_;
  std::size_t from_ = 0;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

RegexCache::RegexCache() = default;
RegexCache::~RegexCache() = default;

Result<const RegexCache::Compiled*> RegexCache::Compile(std::string_view java) {
  if (compiled_ && java == pattern_) return &*compiled_;
  ST_TRY(auto regex, TranslateRegex(java));
  re2::RE2::Options options(re2::RE2::Quiet);
  auto program = std::make_unique<re2::RE2>(regex.pattern, options);
  compiled_.emplace(Compiled{.regex = std::move(regex), .program = std::move(program)});
  pattern_ = java;
  parts_.reset();
  return &*compiled_;
}

Result<const std::vector<ReplacementPart>*> RegexCache::Parse(std::string_view java, int groups) {
  if (parts_ && java == replacement_) return &*parts_;
  ST_TRY(parts_, ParseReplacement(java, groups));
  replacement_ = java;
  return &*parts_;
}

Result<std::string> RegexpReplace(RegexCache& cache, std::string_view text,
                                  std::string_view pattern, std::string_view replacement,
                                  std::int32_t position) {
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  ST_TRY(const auto* parts, cache.Parse(replacement, compiled->regex.groups));
  std::size_t skipped = 0;
  for (std::int32_t units = 1; units < position && skipped < text.size();) {
    units += CharacterBytes(text[skipped]) == 4 ? 2 : 1;
    skipped += CharacterBytes(text[skipped]);
  }
  if (position > 1 && skipped >= text.size()) return std::string(text);
  std::string out(text.substr(0, skipped));
  text.remove_prefix(skipped);
  std::size_t copied = 0;
  for (Matches matches(*compiled, text); matches.Next();) {
    out += text.substr(copied, matches.start() - copied);
    for (const auto& part : *parts) {
      out += part.group < 0 ? std::string_view(part.text) : matches.Group(part.group);
    }
    copied = matches.end();
  }
  return out += text.substr(copied);
}

Result<std::string> RegexpExtract(RegexCache& cache, std::string_view text,
                                  std::string_view pattern, std::int32_t group) {
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  if (group < 0 || group > compiled->regex.groups) {
    return Fail(ErrorCode::kInvalidArgument,
                "[INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX] the pattern has {} groups",
                compiled->regex.groups);
  }
  Matches matches(*compiled, text);
  return std::string(matches.Next() ? matches.Group(group) : std::string_view());
}

Result<std::vector<std::string>> RegexpExtractAll(RegexCache& cache, std::string_view text,
                                                  std::string_view pattern, std::int32_t group) {
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  std::vector<std::string> found;
  for (Matches matches(*compiled, text); matches.Next();) {
    if (group < 0 || group > compiled->regex.groups) {
      return Fail(ErrorCode::kInvalidArgument,
                  "[INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX] the pattern has {} groups",
                  compiled->regex.groups);
    }
    found.emplace_back(matches.Group(group));
  }
  return found;
}

Result<std::int32_t> RegexpCount(RegexCache& cache, std::string_view text,
                                 std::string_view pattern) {
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  std::int32_t count = 0;
  for (Matches matches(*compiled, text); matches.Next();) ++count;
  return count;
}

Result<std::optional<std::string>> RegexpSubstr(RegexCache& cache, std::string_view text,
                                                std::string_view pattern) {
  ST_TRY(auto found, RegexpExtract(cache, text, pattern, 0));
  if (found.empty()) return std::nullopt;
  return std::optional(std::move(found));
}

Result<std::vector<std::string>> Split(RegexCache& cache, std::string_view text,
                                       std::string_view pattern, std::int32_t limit) {
  const std::size_t most = limit > 0 ? static_cast<std::size_t>(limit) : SIZE_MAX;
  std::vector<std::string> parts;
  if (pattern.empty()) {
    while (!text.empty() && parts.size() < most) {
      const auto bytes = std::min(CharacterBytes(text.front()), text.size());
      parts.emplace_back(text.substr(0, bytes));
      text.remove_prefix(bytes);
    }
    if (parts.empty()) parts.emplace_back();
    return parts;
  }
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  std::size_t begin = 0;
  for (Matches matches(*compiled, text); parts.size() + 1 < most && matches.Next();) {
    const bool is_nothing_at_all = matches.end() == 0;  // Java makes no empty first part of it
    if (is_nothing_at_all) continue;
    parts.emplace_back(text.substr(begin, matches.start() - begin));
    begin = matches.end();
  }
  parts.emplace_back(text.substr(begin));
  return parts;
}

Result<std::int32_t> RegexpInstr(RegexCache& cache, std::string_view text,
                                 std::string_view pattern) {
  ST_TRY(const auto* compiled, cache.Compile(pattern));
  Matches matches(*compiled, text);
  if (!matches.Next()) return 0;
  return static_cast<std::int32_t>(Utf16Units(text.substr(0, matches.start()))) + 1;
}

}  // namespace st::spark_values
