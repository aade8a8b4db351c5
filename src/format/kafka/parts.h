// Parts that the messages of several APIs share: the head of an answer, arrays of topics with
// their partitions, and an error with its text. For the codecs of this module alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/error_code.h"
#include "format/kafka/limits.h"
#include "format/kafka/request_header.h"
#include "format/kafka/wire.h"

namespace st::kafka {

// An answer with its header, which is version 0 in every version that is offered. `bytes` is the
// answer's size, where it is known.
inline Writer AnswerTo(const RequestHeader& request, std::size_t bytes = 0) {
  Writer out(bytes);
  out.Int(request.correlation_id);
  return out;
}

// Reads an array of topics, each with an array of partitions; within kMaxRequestPartitions.
// Calls `topic` with each name, and then `partition` where each of its partitions begins.
template <typename Topic, typename Partition>
void ReadTopics(Reader& in, const Topic& topic, const Partition& partition) {
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestPartitions); in.ok() && n > 0; --n) {
    topic(in.String());
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) partition();
  }
}

// Whether two names are equal; mostly they are one view into the request.
inline bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

// Writes parts grouped by topic, in their order: `write` writes what follows a partition's array.
template <typename Part, typename Write>
void WriteTopics(Writer& out, const std::vector<Part>& parts, const Write& write) {
  std::vector<std::pair<std::size_t, std::size_t>> groups;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_same =
        !groups.empty() && IsSame(parts[groups.back().first].topic, parts[i].topic);
    if (!is_same) groups.emplace_back(i, 0);
    ++groups.back().second;
  }
  out.ArrayLength(groups);
  for (const auto& [first, count] : groups) {
    out.String(parts[first].topic).Int(static_cast<std::int32_t>(count));
    for (std::size_t i = first; i < first + count; ++i) write(parts[i]);
  }
}

inline std::int16_t Code(ErrorCode error) { return static_cast<std::int16_t>(error); }

// An error's text, truncated to kMaxMessageBytes; null where there is none.
inline std::optional<std::string_view> OrNull(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text.substr(0, kMaxMessageBytes);
}

}  // namespace st::kafka
