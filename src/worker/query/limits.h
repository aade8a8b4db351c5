// Limits of a statement from the network; the worker's process stands above them.
#pragma once

#include <cstddef>

namespace st::worker::query {

inline constexpr std::size_t kMaxStatementBytes = 1'000'000;
inline constexpr int kMaxStatementDepth = 200;           // brackets and CASE in each other
inline constexpr int kMaxParseDepth = 2'000;             // nodes of DuckDB's parse in each other
inline constexpr std::size_t kMaxFilterConstants = 100;  // of a condition by which files are chosen
inline constexpr std::size_t kMaxMessageBytes = 2'000;   // of an error

}  // namespace st::worker::query
