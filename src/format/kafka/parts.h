// Parts that the messages of several APIs share: the head of an answer, arrays of topics with
// their partitions, and an error with its text. For the codecs of this module alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/asked_topic.h"
#include "format/kafka/error_code.h"
#include "format/kafka/limits.h"
#include "format/kafka/request_header.h"
#include "format/kafka/topic_with.h"
#include "format/kafka/wire.h"

namespace st::kafka {

// The body of a request, behind the tagged fields of the header of a flexible version.
inline Reader ReaderOf(const RequestHeader& request, const ApiRange& api) {
  Reader in(request.body, api.IsFlexible(request.version));
  in.Tags();
  return in;
}

// An answer with its header, of version 1 where the request is of a flexible version.
// `bytes` is the answer's size, where it is known.
inline Writer AnswerTo(const RequestHeader& request, const ApiRange& api, std::size_t bytes = 0) {
  Writer out(bytes, api.IsFlexible(request.version));
  out.Int(request.correlation_id).Tags();
  return out;
}
// The same with a header of version 0. `bytes` is the answer's size, where it is known.
inline Writer AnswerTo(const RequestHeader& request, std::size_t bytes = 0) {
  Writer out(bytes);
  out.Int(request.correlation_id);
  return out;
}

// Reads a topic's id where the version names topics by ids, else its name.
inline AskedTopic ReadTopic(Reader& in, bool by_id) {
  if (by_id) return {.id = TopicId(in.Id())};
  return {.name = in.String()};
}

// Reads an array of topics, each with an array of partitions; within kMaxRequestPartitions.
// Calls `topic`, which reads what names one, and then `partition` where each of its partitions
// begins.
template <typename Topic, typename Partition>
void ReadTopicsBy(Reader& in, const Topic& topic, const Partition& partition) {
  std::int32_t left = kMaxRequestPartitions;
  for (auto n = in.ArrayLength(kMaxRequestPartitions); in.ok() && n > 0; --n) {
    topic();
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) {
      partition();
      in.Tags();
    }
    in.Tags();
  }
}

// The same, where names name topics: calls `topic` with each.
template <typename Topic, typename Partition>
void ReadTopics(Reader& in, const Topic& topic, const Partition& partition) {
  ReadTopicsBy(in, [&] { topic(in.String()); }, partition);
}

// Whether two names are equal; mostly they are one view into the request.
inline bool IsSame(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}
inline bool IsSame(const AskedTopic& a, const AskedTopic& b) {
  return a.id == b.id && IsSame(a.name, b.name);
}
inline void WriteTopic(Writer& out, std::string_view name) { out.String(name); }
inline void WriteTopic(Writer& out, const AskedTopic& topic) {
  topic.id ? out.Id(*topic.id) : out.String(topic.name);
}

// Writes parts grouped by topic, in their order: `write` writes a part, `write_tags` the tagged
// fields that end it.
template <typename Part, typename Write, typename WriteTags>
void WriteTopics(Writer& out, const std::vector<Part>& parts, const Write& write,
                 const WriteTags& write_tags) {
  std::vector<std::pair<std::size_t, std::size_t>> groups;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_same =
        !groups.empty() && IsSame(parts[groups.back().first].topic, parts[i].topic);
    if (!is_same) groups.emplace_back(i, 0);
    ++groups.back().second;
  }
  out.ArrayLength(groups);
  for (const auto& [first, count] : groups) {
    const auto of_topic = std::span(parts).subspan(first, count);
    WriteTopic(out, parts[first].topic);
    out.ArrayLength(of_topic);
    for (const auto& part : of_topic) {
      write(part);
      write_tags(part);
    }
    out.Tags();
  }
}

// The same of parts without tagged fields.
template <typename Part, typename Write>
void WriteTopics(Writer& out, const std::vector<Part>& parts, const Write& write) {
  WriteTopics(out, parts, write, [&](const Part&) { out.Tags(); });
}

// Reads an array of topics, each with an array of partitions, which `read` reads whole; within
// `left` partitions, of which it takes those that it reads. nullopt: null.
template <typename Part, typename Read>
std::optional<std::vector<TopicWith<Part>>> ReadTopicsWith(Reader& in, const Read& read,
                                                           std::int32_t& left) {
  std::vector<TopicWith<Part>> topics;
  const auto length = in.ArrayLength(kMaxRequestPartitions);
  if (length < 0) return std::nullopt;
  for (auto n = length; in.ok() && n > 0; --n) {
    TopicWith<Part> topic{.name = in.String(), .partitions = {}};
    const auto partitions = in.ArrayLength(left);
    left -= std::max(partitions, 0);
    for (auto m = partitions; in.ok() && m > 0; --m) topic.partitions.push_back(read());
    in.Tags();
    topics.push_back(std::move(topic));
  }
  return topics;
}
template <typename Part, typename Read>
std::optional<std::vector<TopicWith<Part>>> ReadTopicsWith(Reader& in, const Read& read) {
  std::int32_t left = kMaxRequestPartitions;
  return ReadTopicsWith<Part>(in, read, left);
}

// The same, of partitions' numbers alone.
using PartitionLists = std::vector<TopicWith<std::int32_t>>;
inline std::optional<PartitionLists> ReadPartitionLists(Reader& in, std::int32_t* left = nullptr) {
  const auto read = [&] { return in.Int<std::int32_t>(); };
  return left != nullptr ? ReadTopicsWith<std::int32_t>(in, read, *left)
                         : ReadTopicsWith<std::int32_t>(in, read);
}

// Writes topics with their partitions: `write` writes one without its tagged fields.
template <typename Part, typename Write>
void WriteTopicsWith(Writer& out, const std::vector<TopicWith<Part>>& topics, const Write& write) {
  out.ArrayLength(topics);
  for (const auto& topic : topics) {
    out.String(topic.name).ArrayLength(topic.partitions);
    for (const auto& part : topic.partitions) {
      write(part);
      out.Tags();
    }
    out.Tags();
  }
}

// Reads an array of names, at most `most`.
inline std::vector<std::string_view> ReadNames(Reader& in, std::int32_t most) {
  std::vector<std::string_view> names;
  for (auto n = in.ArrayLength(most); in.ok() && n > 0; --n) names.push_back(in.String());
  return names;
}

// Bits of Kafka's AclOperation that a group can have: read, delete, describe, describe and alter
// configs. Whoever may ask here may do all of them.
inline constexpr std::int32_t kAllGroupOperations =
    (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);
inline constexpr std::int32_t kOperationsNotAsked = std::numeric_limits<std::int32_t>::min();

inline std::int16_t Code(ErrorCode error) { return static_cast<std::int16_t>(error); }

// An error's text, truncated to kMaxMessageBytes; null where there is none.
inline std::optional<std::string_view> OrNull(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text.substr(0, kMaxMessageBytes);
}

}  // namespace st::kafka
