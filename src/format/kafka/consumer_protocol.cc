#include "format/kafka/consumer_protocol.h"

#include <algorithm>

#include "format/kafka/limits.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kLastVersion = 3;
constexpr std::int16_t kFirstWithOwned = 1;
constexpr std::int16_t kFirstWithGeneration = 2;
constexpr std::int16_t kFirstWithRack = 3;

std::int16_t ReadVersion(Reader& in) {
  const auto version = in.Int<std::int16_t>();
  if (version < 0) in.Break();
  return std::min(version, kLastVersion);
}

std::vector<AssignedTopic> ReadTopics(Reader& in) {
  std::vector<AssignedTopic> topics;
  const auto count = in.ArrayLength(kMaxAssignedPartitions);
  if (count < 0) in.Break();
  std::int32_t room = kMaxAssignedPartitions;
  for (auto n = count; in.ok() && n > 0; --n) {
    const auto name = in.NullableString();
    if (!name || name->size() > kMaxTopicNameBytes) in.Break();
    AssignedTopic topic{.name = name.value_or(""), .partitions = {}};
    const auto partitions = in.ArrayLength(room);
    if (partitions < 0) in.Break();
    for (auto p = partitions; in.ok() && p > 0; --p) {
      topic.partitions.push_back(in.Int<std::int32_t>());
      if (topic.partitions.back() < 0) in.Break();
      --room;
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

}  // namespace

std::optional<Assignment> DecodeAssignment(std::string_view bytes) {
  Reader in(bytes);
  ReadVersion(in);
  Assignment assignment{.topics = ReadTopics(in), .user_data = in.Bytes()};
  if (!in.ok()) return std::nullopt;
  return assignment;
}

std::string EncodeAssignment(std::int16_t version, const std::vector<AssignedTopic>& topics) {
  Writer out;
  out.Int(version).ArrayLength(topics);
  for (const auto& topic : topics) {
    out.String(topic.name).ArrayLength(topic.partitions);
    for (const auto partition : topic.partitions) out.Int(partition);
  }
  return out.Int(std::int32_t{-1}).Take();  // no data of an assignor
}

std::optional<Subscription> DecodeSubscription(std::string_view bytes) {
  Reader in(bytes);
  Subscription subscription{.version = ReadVersion(in), .topics = {}, .owned = {}, .rack = {}};
  const auto count = in.ArrayLength(kMaxRequestNames);
  if (count < 0) in.Break();
  for (auto n = count; in.ok() && n > 0; --n) {
    const auto name = in.NullableString();
    if (!name) in.Break();
    subscription.topics.push_back(name.value_or(""));
  }
  if (!in.ok()) return std::nullopt;
  in.Bytes();  // of the assignor alone
  if (subscription.version >= kFirstWithOwned) subscription.owned = ReadTopics(in);
  if (subscription.version >= kFirstWithGeneration) in.Int<std::int32_t>();
  if (subscription.version >= kFirstWithRack) subscription.rack = in.NullableString();
  subscription.is_whole = in.ok();
  return subscription;
}

}  // namespace st::kafka
