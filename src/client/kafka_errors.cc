#include "client/kafka_errors.h"

#include "client/limits.h"
#include "client/rdkafka.h"

namespace st::client {

Error ErrorFromKafka(int code, std::string_view object) {
  const auto error = [&](ErrorCode own, std::string_view text) {
    return Error(own, fmt::format("{}: {}", object, text));
  };
  const auto known = static_cast<rd_kafka_resp_err_t>(code);
  switch (known) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return error(ErrorCode::kUnavailable, "the server closed the connection, or none listens");
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return error(ErrorCode::kDeadline,
                   fmt::format("the server did not answer in {} ms", kKafkaWaitMs));
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return error(ErrorCode::kNotFound, "the server does not have it");
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return error(ErrorCode::kAlreadyExists, "it exists already");
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return error(ErrorCode::kInvalidArgument,
                   "the offset lies outside the log; read from \"beginning\" or \"end\"");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return error(ErrorCode::kInvalidArgument,
                   "only the server writes to it; clients may not produce to it");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return error(ErrorCode::kInvalidArgument,
                   "a record is larger than the server takes; docs/operations.md has the limits");
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
      return error(ErrorCode::kUnavailable,
                   "the server takes no records now; `steelthread status` says why");
    default:
      return error(ErrorCode::kIo, fmt::format("{} ({})", RdKafka().rd_kafka_err2str(known),
                                               RdKafka().rd_kafka_err2name(known)));
  }
}

}  // namespace st::client
