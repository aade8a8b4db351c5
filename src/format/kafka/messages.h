// The Kafka requests that are understood and their responses, as structs.
//
// Pure; total on hostile input: a decoder returns nullopt when the bytes do not hold the request,
// or one over a limit. Names are views into the frame, which must outlive what was decoded. Every
// version here is one before the flexible ones, but for ApiVersions (KIP-482, KIP-511).
//
// Limits: limits.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::kafka {

enum class ApiKey : std::int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kFindCoordinator = 10,
  kApiVersions = 18,
  kCreateTopics = 19,
  kInitProducerId = 22,
  kDescribeConfigs = 32,
};

// Kafka protocol guide, "Error Codes".
enum class ErrorCode : std::int16_t {
  kUnknownServerError = -1,
  kNone = 0,
  kOffsetOutOfRange = 1,
  kCorruptMessage = 2,
  kUnknownTopicOrPartition = 3,
  kLeaderNotAvailable = 5,
  kMessageTooLarge = 10,
  kInvalidTopic = 17,
  kTopicAuthorizationFailed = 29,
  kNotEnoughReplicas = 19,
  kGroupAuthorizationFailed = 30,
  kUnsupportedVersion = 35,
  kTopicAlreadyExists = 36,
  kInvalidPartitions = 37,
  kInvalidReplicationFactor = 38,
  kInvalidReplicaAssignment = 39,
  kInvalidConfig = 40,
  kInvalidRequest = 42,
  kPolicyViolation = 44,
  kOutOfOrderSequence = 45,
  kInvalidProducerEpoch = 47,
  kTransactionalIdAuthorizationFailed = 53,
  kStorageError = 56,
  kUnknownProducerId = 59,
  kInvalidRecord = 87,
  kThrottlingQuotaExceeded = 89,
};

// The advertised versions, and the lowest version that is served: librdkafka compresses only if
// Produce 0 is advertised, and Kafka 4 too advertises versions that it refuses.
struct ApiRange {
  ApiKey key;
  std::int16_t min;
  std::int16_t max;
  std::int16_t served_from;
};
const std::vector<ApiRange>& ApiRanges();
const ApiRange* FindApi(std::int16_t key);

struct RequestHeader {
  std::int16_t key = 0;
  std::int16_t version = 0;
  std::int32_t correlation_id = 0;
  std::string_view client_id;
  std::string_view body;  // the bytes after the header
};
std::optional<RequestHeader> DecodeHeader(std::string_view frame);
// Whether a frame is a produce request, after which its client may send others before the answer;
// false also for a frame that is too short.
bool IsProduce(std::string_view frame);

// With `unsupported` the body is version 0 and carries error 35, as every client can read
// (KIP-511).
std::string EncodeApiVersions(const RequestHeader& request, bool unsupported);

struct ProducePartition {
  std::int32_t partition = 0;
  std::string_view records;
};
struct ProduceTopic {
  std::string_view name;
  std::vector<ProducePartition> partitions;
};
struct ProduceRequest {
  std::optional<std::string_view> transactional_id;
  std::int16_t acks = 0;
  std::vector<ProduceTopic> topics;
};
std::optional<ProduceRequest> DecodeProduce(const RequestHeader& request);
struct ProducedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t base_offset = -1;
  std::string message;
};
// `parts` in the order of the request: partitions of one topic stand together.
std::string EncodeProduce(const RequestHeader& request,
                          const std::vector<ProducedPartition>& parts);

struct FetchPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t max_bytes = 0;
};
struct FetchRequest {
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0;
  std::vector<FetchPartition> partitions;  // partitions of one topic stand together
};
std::optional<FetchRequest> DecodeFetch(const RequestHeader& request);
struct FetchedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  ErrorCode error = ErrorCode::kNone;
  std::int64_t high_watermark = -1;
  std::int64_t log_start = -1;
  std::string records;
};
std::string EncodeFetch(const RequestHeader& request, const std::vector<FetchedPartition>& parts);

struct ListedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t timestamp = -1;  // of the request: -1 latest, -2 earliest
  ErrorCode error = ErrorCode::kNone;
  std::int64_t offset = -1;  // of the answer, as is found_timestamp
  std::int64_t found_timestamp = -1;
};
std::optional<std::vector<ListedPartition>> DecodeListOffsets(const RequestHeader& request);
std::string EncodeListOffsets(const RequestHeader& request,
                              const std::vector<ListedPartition>& parts);

struct MetadataRequest {
  bool all_topics = false;
  std::vector<std::string_view> topics;  // each once
  bool may_create = true;
};
std::optional<MetadataRequest> DecodeMetadata(const RequestHeader& request);
struct MetadataTopic {
  ErrorCode error = ErrorCode::kNone;
  std::string_view name;
  std::int32_t partitions = 0;
};
struct Metadata {
  std::string host;
  std::int32_t port = 0;
  std::string cluster_id;
  std::vector<MetadataTopic> topics;
};
// The size of the answer, or a little more.
std::size_t MetadataBytes(const Metadata& metadata);
std::string EncodeMetadata(const RequestHeader& request, const Metadata& metadata);

std::string EncodeFindCoordinator(const RequestHeader& request, ErrorCode error,
                                  std::string_view message);

// The transactional id, if there is one.
std::optional<std::optional<std::string_view>> DecodeInitProducerId(const RequestHeader& request);
std::string EncodeInitProducerId(const RequestHeader& request, ErrorCode error,
                                 std::int64_t producer_id);

struct NewTopic {
  std::string_view name;
  std::int32_t partitions = 0;
  std::int16_t replication = 0;
  bool has_assignment = false;
  std::optional<std::string_view> config;  // the first setting's name
  bool is_repeated = false;  // the request names it more than once; it stands here once
};
struct CreateTopicsRequest {
  std::vector<NewTopic> topics;
  bool validate_only = false;
};
std::optional<CreateTopicsRequest> DecodeCreateTopics(const RequestHeader& request);
struct CreatedTopic {
  std::string_view name;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::string EncodeCreateTopics(const RequestHeader& request,
                               const std::vector<CreatedTopic>& topics);

struct DescribedSetting {
  std::string name;
  std::string value;
  bool is_number = false;
};
struct DescribedResource {
  std::int8_t type = 0;  // kTopicResource, kBrokerResource or any other number
  std::string_view name;
  std::optional<std::vector<std::string_view>> wanted;  // of the request; null is all
  ErrorCode error = ErrorCode::kNone;                   // of the answer, as are those below
  std::string message;
  std::vector<DescribedSetting> settings;
};
inline constexpr std::int8_t kTopicResource = 2;
inline constexpr std::int8_t kBrokerResource = 4;
// Each resource once.
std::optional<std::vector<DescribedResource>> DecodeDescribeConfigs(const RequestHeader& request);
// Each setting is described as a default that cannot be changed.
std::string EncodeDescribeConfigs(const RequestHeader& request,
                                  const std::vector<DescribedResource>& resources);

// An answer with `error`, where the layout of the request's answer has a field for it; else
// nullopt.
std::optional<std::string> EncodeUnsupportedVersion(const RequestHeader& request);

}  // namespace st::kafka
