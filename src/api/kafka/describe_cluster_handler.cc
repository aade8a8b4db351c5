#include "api/kafka/describe_cluster_handler.h"

#include <fmt/format.h>

#include "api/kafka/node.h"
#include "format/kafka/describe_cluster.h"

namespace st::api {

using kafka::ErrorCode;

bool DescribeClusterHandler::Handle(const net::FrameSession& session,
                                    const std::shared_ptr<Request>& request,
                                    const Responder& responder) {
  const auto describe = kafka::DecodeDescribeCluster(request->header);
  if (!describe) return false;
  kafka::DescribedCluster cluster{.message = {}, .cluster_id = {}, .host = {}};
  if (describe->endpoints == kafka::kBrokerEndpoints) {
    auto node = NodeOf(advertise_.empty() ? session.local : advertise_);
    cluster.cluster_id = log_.id().ToString();
    cluster.host = std::move(node.host);
    cluster.port = node.port;
  } else if (describe->endpoints == kafka::kControllerEndpoints) {
    cluster.error = ErrorCode::kMismatchedEndpointType;
    cluster.message =
        "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type "
        "CONTROLLER";
  } else {
    cluster.error = ErrorCode::kUnsupportedEndpointType;
    cluster.message = fmt::format("Unsupported endpoint type {}", describe->endpoints);
  }
  responder->Send(
      kafka::EncodeDescribeCluster(request->header, describe->wants_operations, cluster));
  return true;
}

}  // namespace st::api
