#include "client/kafka_producer.h"

#include <utility>

#include "client/kafka_errors.h"
#include "client/kafka_handle.h"
#include "client/limits.h"

namespace st::client {
namespace {

constexpr std::int32_t kLookMs = 100;  // at the connection, while no record is settled
constexpr std::int64_t kAddsPerLook = 1000;

// librdkafka takes what it only reads as void*.
void* Bytes(std::string_view text) { return const_cast<char*>(text.data()); }

Error RecordError(const KafkaTopic& topic, int code, std::int32_t partition) {
  return ErrorFromKafka(code, fmt::format("topic \"{}\", partition {}", topic.name, partition));
}

}  // namespace

KafkaProducer::KafkaProducer(KafkaClient& client, KafkaTopic topic)
    : client_(client),
      topic_(std::move(topic)),
      handle_(RdKafka().rd_kafka_topic_new(client.handle(), topic_.name.c_str(), nullptr)) {}

KafkaProducer::~KafkaProducer() {
  // No report may come once this object is gone.
  RdKafka().rd_kafka_purge(client_.handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  RdKafka().rd_kafka_flush(client_.handle(), kKafkaWaitMs);
  if (handle_ != nullptr) RdKafka().rd_kafka_topic_destroy(handle_);
}

Status KafkaProducer::Add(std::int32_t partition, std::optional<std::string_view> key,
                          std::string_view value) {
  if (handle_ == nullptr) {
    failure_ = Error(ErrorCode::kInvalidArgument,
                     fmt::format("\"{}\" is no name of a topic", topic_.name));
  }
  if (++added_ % kAddsPerLook == 0) RdKafka().rd_kafka_poll(client_.handle(), 0);
  // A key without bytes is a key: librdkafka wants a pointer for it.
  const auto key_bytes = key.value_or(std::string_view());
  const auto send = [&] {
    return RdKafka().rd_kafka_produce(
               handle_, partition, RD_KAFKA_MSG_F_COPY, Bytes(value), value.size(),
               key ? Bytes(key_bytes.data() == nullptr ? "" : key_bytes) : nullptr,
               key_bytes.size(), this) == 0;
  };
  for (std::int32_t waited_ms = 0;; waited_ms += kLookMs) {
    if (failure_) return std::unexpected(*failure_);
    if (send()) return {};
    const auto code = RdKafka().rd_kafka_last_error();
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || waited_ms >= kKafkaWaitMs) {
      failure_ = RecordError(topic_, code, partition);
    } else {
      const auto before = durable_;
      RdKafka().rd_kafka_poll(client_.handle(), kLookMs);
      if (durable_ != before) waited_ms = 0;
    }
  }
}

Status KafkaProducer::Flush() {
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (std::int32_t left_ms = 2 * kKafkaWaitMs; left_ms > 0; left_ms -= kLookMs) {
    // After a failure nothing more is sent; what was sent already is settled.
    if (failure_) RdKafka().rd_kafka_purge(client_.handle(), RD_KAFKA_PURGE_F_QUEUE);
    code = RdKafka().rd_kafka_flush(client_.handle(), kLookMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    const auto connected = client_.CheckConnection();
    if (!connected && !failure_) failure_ = connected.error();
  }
  if (failure_) return std::unexpected(*failure_);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return std::unexpected(ErrorFromKafka(code, fmt::format("topic \"{}\"", topic_.name)));
}

void KafkaProducer::OnDelivery(rd_kafka_s*, const rd_kafka_message_s* message, void*) {
  auto& self = *static_cast<KafkaProducer*>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++self.durable_;
  } else if (!self.failure_) {
    self.failure_ = RecordError(self.topic_, message->err, message->partition);
  }
}

}  // namespace st::client
