#include "format/kafka/metadata.h"

#include <unordered_set>

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<MetadataRequest> DecodeMetadata(const RequestHeader& request) {
  Reader in(request.body);
  MetadataRequest metadata;
  const auto n = in.ArrayLength(kMaxRequestNames);
  metadata.all_topics = n < 0 || (n == 0 && request.version == 0);
  std::unordered_set<std::string_view> seen;
  for (auto i = n; in.ok() && i > 0; --i) {
    const auto name = in.String();
    if (!seen.insert(name).second) continue;
    if (seen.size() > kMaxRequestTopics) in.Break();
    metadata.topics.push_back(name);
  }
  if (request.version >= 4) metadata.may_create = in.Bool();
  if (request.version >= 8) in.Int<std::int16_t>();  // whether to tell allowed operations: never
  if (!in.ok()) return std::nullopt;
  return metadata;
}

std::size_t MetadataBytes(const Metadata& metadata) {
  constexpr std::size_t kHeadBytes = 512;
  constexpr std::size_t kTopicBytes = 16;
  constexpr std::size_t kPartitionBytes = 38;
  std::size_t bytes = kHeadBytes + metadata.host.size() + metadata.cluster_id.size();
  for (const auto& topic : metadata.topics) {
    bytes += kTopicBytes + topic.name.size();
    bytes += kPartitionBytes * static_cast<std::size_t>(topic.partitions);
  }
  return bytes;
}

std::string EncodeMetadata(const RequestHeader& request, const Metadata& metadata) {
  constexpr std::int32_t kNoOperations = INT32_MIN;
  Writer out = AnswerTo(request, MetadataBytes(metadata));
  const auto v = request.version;
  if (v >= 3) out.Int(std::int32_t{0});  // throttle
  out.Int(std::int32_t{1}).Int(kNodeId).String(metadata.host).Int(metadata.port);
  if (v >= 1) out.NullableString(std::nullopt);  // rack
  if (v >= 2) out.String(metadata.cluster_id);
  if (v >= 1) out.Int(kNodeId);  // controller
  out.ArrayLength(metadata.topics);
  for (const auto& topic : metadata.topics) {
    out.Int(Code(topic.error)).String(topic.name);
    if (v >= 1) out.Bool(false);  // internal
    out.Int(topic.partitions);
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      out.Int(std::int16_t{0}).Int(p).Int(kNodeId);
      if (v >= 7) out.Int(kLeaderEpoch);
      out.Int(std::int32_t{1}).Int(kNodeId).Int(std::int32_t{1}).Int(kNodeId);  // replicas, in sync
      if (v >= 5) out.Int(std::int32_t{0});                                     // offline
    }
    if (v >= 8) out.Int(kNoOperations);
  }
  if (v >= 8) out.Int(kNoOperations);
  return out.Take();
}

}  // namespace st::kafka
