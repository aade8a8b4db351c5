// Spark's functions with regular expressions. Pure.
//
// Units:  positions count UTF-16 units, as Java does.
// Errors: kInvalidArgument: a pattern that is not supported (java_regex.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spark_values/java_regex.h"

namespace re2 {
class RE2;
}

namespace st::spark_values {

// A compiled pattern, and the replacement that was parsed for it.
//
// Threads: one thread.
class RegexCache {
 public:
  RegexCache();
  ~RegexCache();
  RegexCache(const RegexCache&) = delete;
  RegexCache& operator=(const RegexCache&) = delete;

  struct Compiled {
    Regex regex;
    std::unique_ptr<re2::RE2> program;
  };
  // The pattern, compiled anew only when it differs from the last one.
  Result<const Compiled*> Compile(std::string_view java);
  Result<const std::vector<ReplacementPart>*> Parse(std::string_view java, int groups);

 private:
  std::string pattern_;
  std::string replacement_;
  std::optional<Compiled> compiled_;
  std::optional<std::vector<ReplacementPart>> parts_;
};

Result<std::string> RegexpReplace(RegexCache& cache, std::string_view text,
                                  std::string_view pattern, std::string_view replacement,
                                  std::int32_t position);
// "" where nothing matches.
Result<std::string> RegexpExtract(RegexCache& cache, std::string_view text,
                                  std::string_view pattern, std::int32_t group);
// Of every match.
Result<std::vector<std::string>> RegexpExtractAll(RegexCache& cache, std::string_view text,
                                                  std::string_view pattern, std::int32_t group);
Result<std::int32_t> RegexpCount(RegexCache& cache, std::string_view text,
                                 std::string_view pattern);
// nullopt where nothing matches, or an empty text.
Result<std::optional<std::string>> RegexpSubstr(RegexCache& cache, std::string_view text,
                                                std::string_view pattern);
// The parts between the matches, at most `limit` of them where it is above 0.
Result<std::vector<std::string>> Split(RegexCache& cache, std::string_view text,
                                       std::string_view pattern, std::int32_t limit);
// From 1; 0 where nothing matches.
Result<std::int32_t> RegexpInstr(RegexCache& cache, std::string_view text,
                                 std::string_view pattern);

}  // namespace st::spark_values
