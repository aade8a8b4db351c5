// Limits of the load generator.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::client::load {

// Requests in flight at a time in open loop; further due ones wait, and their latency includes it.
inline constexpr std::uint32_t kMaxOpenRequests = 100'000;
inline constexpr std::uint32_t kMaxClients = 50'000;
inline constexpr double kMaxRate = 1'000'000;
// Time for which an unanswered request is repeated.
inline constexpr std::int64_t kGiveUpUs = 60'000'000;
// Pause before a repetition: doubled from the first to the last.
inline constexpr std::int64_t kFirstPauseUs = 10'000;
inline constexpr std::int64_t kLongestPauseUs = 500'000;
// Interval in which open loop sends due requests.
inline constexpr std::int64_t kTickUs = 500;
// Different codes that are counted, of refusals and of failures each.
inline constexpr std::size_t kMaxCodes = 100;
// Findings that are named for people; JSON has all.
inline constexpr std::size_t kNamedFindings = 20;
// Text made for a field without a narrower limit of its own.
inline constexpr std::int64_t kSampleLetters = 8;
inline constexpr int kMaxPatternRepeats = 8;

}  // namespace st::client::load
