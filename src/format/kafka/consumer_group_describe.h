// ConsumerGroupDescribe (key 69): states, epochs and members of groups of the new protocol.
//
// Source: KIP-848, KIP-1099.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kConsumerGroupDescribeApi{
    .key = ApiKey::kConsumerGroupDescribe,
    .min = 0,
    .max = 1,  // whether a member is of the classic protocol
    .flexible_from = 0,
};

struct ConsumerGroupDescribeRequest {
  std::vector<std::string_view> groups;
  bool wants_operations = false;
};
std::optional<ConsumerGroupDescribeRequest> DecodeConsumerGroupDescribe(
    const RequestHeader& request);

struct NamedTopicPartitions {
  TopicId topic;
  std::string name;
  std::vector<std::int32_t> partitions;
};
struct DescribedConsumer {
  std::string id;
  std::optional<std::string> instance;
  std::optional<std::string> rack;
  std::int32_t epoch = 0;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> topics;
  std::optional<std::string> pattern;
  std::vector<NamedTopicPartitions> assignment;
  std::vector<NamedTopicPartitions> target;
  bool is_classic = false;  // told from version 1 on
};
struct DescribedConsumerGroup {
  ErrorCode error = ErrorCode::kNone;
  std::string message;
  std::string_view group;
  std::string state;
  std::int32_t epoch = 0;
  std::int32_t assignment_epoch = 0;
  std::string assignor;
  std::vector<DescribedConsumer> members;
};
std::string EncodeConsumerGroupDescribe(const RequestHeader& request, bool wants_operations,
                                        const std::vector<DescribedConsumerGroup>& groups);

}  // namespace st::kafka
