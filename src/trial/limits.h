// Limits of tests of pipelines and of previews.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::trial {

inline constexpr std::size_t kMaxTestsOfFile = 1000;
inline constexpr std::size_t kMaxGivenRecords = 10'000;    // of one test
inline constexpr std::int64_t kMaxSelectedRows = 100'000;  // of a table or a statement of a test
inline constexpr std::size_t kMaxShownRows = 20;           // of one difference, on each side
inline constexpr std::int64_t kMaxPreviewRecords = 10'000;
inline constexpr std::int64_t kPreviewJobTimeoutUs = 30'000'000;
inline constexpr std::int64_t kSelectTimeoutUs = 60'000'000;

}  // namespace st::trial
