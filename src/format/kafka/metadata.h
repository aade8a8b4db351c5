// Metadata (key 3): the node, and the topics with their partitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/leader_epoch.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kMetadataApi{
    .key = ApiKey::kMetadata,
    .min = 0,   // kafka-python 2 asks with 0 when it connects
    .max = 13,  // the last one; 12: by ids, which members of consumer groups are assigned (KIP-516)
    .flexible_from = 9,
};

// Of the one node.
inline constexpr std::int32_t kNodeId = 1;

// From this version on a topic has an id in the answer, and from the second on in the request.
inline constexpr std::int16_t kFirstWithTopicIds = 10;
inline constexpr std::int16_t kFirstByTopicId = 12;

struct MetadataRequest {
  bool all_topics = false;
  std::vector<std::string_view> topics;  // each once
  std::vector<TopicId> ids;              // each once; of topics without a name
  bool may_create = true;
  // Which operations are told: those of the cluster from version 8 to 10, those of topics from 8
  // on.
  bool wants_cluster_operations = false;
  bool wants_topic_operations = false;
};
std::optional<MetadataRequest> DecodeMetadata(const RequestHeader& request);

struct MetadataTopic {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string_view> name;  // none: there is no topic of this id
  TopicId id;
  std::int32_t partitions = 0;
};
struct Metadata {
  std::string host;
  std::int32_t port = 0;
  std::string cluster_id;
  std::vector<MetadataTopic> topics;
  bool has_cluster_operations = false;
  bool has_topic_operations = false;
};
// The size of the answer, or a little more.
std::size_t MetadataBytes(const Metadata& metadata);
std::string EncodeMetadata(const RequestHeader& request, const Metadata& metadata);

}  // namespace st::kafka
