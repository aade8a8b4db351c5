// Limits of a ledger and its check.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::client::ledger {

// Keys of one run, at 4 bytes each; then no more is sent.
inline constexpr std::uint64_t kMaxKeys = 100'000'000;
// Positions kept of findings, to name them by.
inline constexpr std::size_t kKeptPositions = 10'000;
// Offsets that one statement asks a table for.
inline constexpr std::int64_t kOffsetsPerStatement = 1'000'000;
// How long the check waits for a server that is away, and for the tables.
inline constexpr std::int64_t kPatienceUs = 60'000'000;

}  // namespace st::client::ledger
