// OffsetForLeaderEpoch (key 23): where the records of a leader's epoch end (KIP-101, KIP-320).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/leader_epoch.h"
#include "format/kafka/request_header.h"
#include "format/kafka/topic_with.h"

namespace st::kafka {

inline constexpr ApiRange kOffsetForLeaderEpochApi{
    .key = ApiKey::kOffsetForLeaderEpoch,
    .min = 2,  // the first one of Kafka 4: it has the epoch that a client believes in
    .max = 4,  // the last one
    .flexible_from = 4,
};

struct EpochToFind {
  std::int32_t partition = 0;
  std::int32_t current_epoch = kNoLeaderEpoch;  // as the client believes
  std::int32_t epoch = kNoLeaderEpoch;
};
std::optional<std::vector<TopicWith<EpochToFind>>> DecodeOffsetForLeaderEpoch(
    const RequestHeader& request);

struct EpochEnd {
  ErrorCode error = ErrorCode::kNone;
  std::int32_t partition = 0;
  std::int32_t epoch = kNoLeaderEpoch;
  std::int64_t end_offset = -1;
};
std::string EncodeOffsetForLeaderEpoch(const RequestHeader& request,
                                       const std::vector<TopicWith<EpochEnd>>& topics);

}  // namespace st::kafka
