#include "format/kafka/describe_cluster.h"

#include "format/kafka/metadata.h"
#include "format/kafka/operations.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<DescribeClusterRequest> DecodeDescribeCluster(const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeClusterApi);
  DescribeClusterRequest describe{.wants_operations = in.Bool()};
  if (request.version >= 1) describe.endpoints = in.Int<std::int8_t>();
  if (request.version >= 2) in.Bool();  // whether to tell of fenced brokers: there is none
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return describe;
}

std::string EncodeDescribeCluster(const RequestHeader& request, bool wants_operations,
                                  const DescribedCluster& cluster) {
  const bool is_described = cluster.error == ErrorCode::kNone;
  Writer out = AnswerTo(request, kDescribeClusterApi);
  out.Int(std::int32_t{0}).Int(Code(cluster.error)).NullableString(OrNull(cluster.message));
  if (request.version >= 1) out.Int(kBrokerEndpoints);
  out.String(cluster.cluster_id).Int(is_described ? kNodeId : std::int32_t{-1});
  out.ArrayLength(std::string_view("1", is_described ? 1 : 0));
  if (is_described) {
    out.Int(kNodeId).String(cluster.host).Int(cluster.port).NullableString(std::nullopt);  // rack
    if (request.version >= 2) out.Bool(false);                                             // fenced
    out.Tags();
  }
  out.Int(wants_operations && is_described ? kAllClusterOperations : kOperationsNotAsked);
  return out.Tags().Take();
}

}  // namespace st::kafka
