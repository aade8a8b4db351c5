// AlterReplicaLogDirs (key 34): moves replicas between the folders of a broker (KIP-113).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kAlterReplicaLogDirsApi{
    .key = ApiKey::kAlterReplicaLogDirs,
    .min = 1,  // the first one of Kafka 4; version 0 has the same fields
    .max = 2,  // the last one
    .flexible_from = 2,
};

struct MovedPartition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::string_view path;               // where it is to be
  ErrorCode error = ErrorCode::kNone;  // of the answer
};
// In the order of the request, which may name a partition more than once.
std::optional<std::vector<MovedPartition>> DecodeAlterReplicaLogDirs(const RequestHeader& request);
std::string EncodeAlterReplicaLogDirs(const RequestHeader& request,
                                      const std::vector<MovedPartition>& moves);

}  // namespace st::kafka
