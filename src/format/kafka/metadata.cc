#include "format/kafka/metadata.h"

#include <array>
#include <ranges>
#include <unordered_set>

#include "format/kafka/limits.h"
#include "format/kafka/operations.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

constexpr std::int16_t kLastWithClusterOperations = 10;
constexpr std::int16_t kFirstWithError = 13;  // of the whole answer

}  // namespace

std::optional<MetadataRequest> DecodeMetadata(const RequestHeader& request) {
  Reader in = ReaderOf(request, kMetadataApi);
  MetadataRequest metadata;
  const auto v = request.version;
  const auto n = in.ArrayLength(kMaxRequestNames);
  metadata.all_topics = n < 0 || (n == 0 && v == 0);
  std::unordered_set<std::string_view> seen;
  std::unordered_set<Uuid> seen_ids;
  for (auto i = n; in.ok() && i > 0; --i) {
    const TopicId id(v >= kFirstWithTopicIds ? in.Id() : Uuid());
    const auto name = in.NullableString();
    in.Tags();
    // A name goes before an id, as in Kafka.
    if (name && seen.insert(*name).second) metadata.topics.push_back(*name);
    if (!name && v >= kFirstByTopicId && seen_ids.insert(id).second) metadata.ids.push_back(id);
    const bool is_named = name || v >= kFirstByTopicId;
    if (!is_named || seen.size() + seen_ids.size() > kMaxRequestTopics) in.Break();
  }
  if (v >= 4) metadata.may_create = in.Bool();
  if (v >= 8 && v <= kLastWithClusterOperations) metadata.wants_cluster_operations = in.Bool();
  if (v >= 8) metadata.wants_topic_operations = in.Bool();
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return metadata;
}

std::size_t MetadataBytes(const Metadata& metadata) {
  constexpr std::size_t kHeadBytes = 512;
  constexpr std::size_t kTopicBytes = 40;
  constexpr std::size_t kPartitionBytes = 38;
  std::size_t bytes = kHeadBytes + metadata.host.size() + metadata.cluster_id.size();
  for (const auto& topic : metadata.topics) {
    bytes += kTopicBytes + topic.name.value_or("").size();
    bytes += kPartitionBytes * static_cast<std::size_t>(topic.partitions);
  }
  return bytes;
}

std::string EncodeMetadata(const RequestHeader& request, const Metadata& metadata) {
  // Of a partition's replicas, and of those in sync: this node.
  constexpr std::array kThisNode = {kNodeId};
  constexpr std::array<std::int32_t, 0> kNone{};
  Writer out = AnswerTo(request, kMetadataApi, MetadataBytes(metadata));
  const auto v = request.version;
  if (v >= 3) out.Int(std::int32_t{0});  // throttle
  out.ArrayLength(kThisNode).Int(kNodeId).String(metadata.host).Int(metadata.port);
  if (v >= 1) out.NullableString(std::nullopt);  // rack
  out.Tags();
  if (v >= 2) out.String(metadata.cluster_id);
  if (v >= 1) out.Int(kNodeId);  // controller
  out.ArrayLength(metadata.topics);
  for (const auto& topic : metadata.topics) {
    out.Int(Code(topic.error)).NullableString(topic.name);
    if (v >= kFirstWithTopicIds) out.Id(topic.id);
    if (v >= 1) out.Bool(false);  // internal
    out.ArrayLength(std::views::iota(0, topic.partitions));
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      out.Int(std::int16_t{0}).Int(p).Int(kNodeId);
      if (v >= 7) out.Int(kLeaderEpoch);
      out.ArrayLength(kThisNode).Int(kNodeId).ArrayLength(kThisNode).Int(kNodeId);
      if (v >= 5) out.ArrayLength(kNone);  // offline
      out.Tags();
    }
    // As Kafka does, also of a topic that is not there.
    if (v >= 8) out.Int(metadata.has_topic_operations ? kAllTopicOperations : kOperationsNotAsked);
    out.Tags();
  }
  if (v >= 8 && v <= kLastWithClusterOperations) {
    out.Int(metadata.has_cluster_operations ? kAllClusterOperations : kOperationsNotAsked);
  }
  if (v >= kFirstWithError) out.Int(Code(ErrorCode::kNone));
  return out.Tags().Take();
}

}  // namespace st::kafka
