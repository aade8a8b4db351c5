// DescribeCluster (key 60): the one node, and the cluster's id (KIP-700).
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

inline constexpr ApiRange kDescribeClusterApi{
    .key = ApiKey::kDescribeCluster,
    .min = 0,  // the first one
    .max = 2,  // the last one
    .flexible_from = 0,
};

inline constexpr std::int8_t kBrokerEndpoints = 1;
inline constexpr std::int8_t kControllerEndpoints = 2;

struct DescribeClusterRequest {
  bool wants_operations = false;
  std::int8_t endpoints = kBrokerEndpoints;  // or kControllerEndpoints, or any other number
};
std::optional<DescribeClusterRequest> DecodeDescribeCluster(const RequestHeader& request);

struct DescribedCluster {
  ErrorCode error = ErrorCode::kNone;  // with it no node is described
  std::string message;
  std::string cluster_id;
  std::string host;
  std::int32_t port = 0;
};
std::string EncodeDescribeCluster(const RequestHeader& request, bool wants_operations,
                                  const DescribedCluster& cluster);

}  // namespace st::kafka
