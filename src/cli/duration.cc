#include "cli/duration.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace st::cli {

Result<std::int64_t> ParseDuration(const std::string& name, const std::string& text) {
  constexpr std::int64_t kSecondUs = 1'000'000;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"ms", 1'000},
       {"s", kSecondUs},
       {"m", 60 * kSecondUs},
       {"h", 3'600 * kSecondUs},
       {"d", 86'400 * kSecondUs}}};
  constexpr std::int64_t kMostUs = 1'000'000'000 * kSecondUs;  // 31 years
  for (const auto& [unit, us] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number = ParseInt64(std::string_view(text).substr(0, text.size() - unit.size()));
    if (number && *number >= 0 && *number <= kMostUs / us) return *number * us;
  }
  return Fail(ErrorCode::kInvalidArgument,
              "{}: '{}' is no duration such as 500ms, 60s, 5m, 1h or 7d", name, text);
}

}  // namespace st::cli
