// Limits of declarations and of requests on their routes.
#pragma once

#include <cstddef>

namespace st::event {

inline constexpr std::size_t kMaxFields = 200;
inline constexpr std::size_t kMaxParameters = 1000;     // of one query, form or JSON object
inline constexpr std::size_t kMaxJsonDepth = 32;        // of a body
inline constexpr std::size_t kMaxRecordDepth = 1000;    // of a record's JSON
inline constexpr std::size_t kMaxEventBytes = 8 << 20;  // a request's event, with its record's key
inline constexpr std::size_t kMaxPatternBytes = 1000;
inline constexpr std::size_t kMaxTableNameBytes = 128;

}  // namespace st::event
