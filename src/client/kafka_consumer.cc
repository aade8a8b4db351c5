#include "client/kafka_consumer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/kafka_errors.h"
#include "client/kafka_handle.h"
#include "client/limits.h"
#include "os/clock.h"

namespace st::client {
namespace {

constexpr std::int64_t kUsPerMs = 1000;
constexpr std::int32_t kLookMs = 100;  // at the connection, while no record comes

using Message = KafkaOwned<rd_kafka_message_t, &RdKafkaFunctions::rd_kafka_message_destroy>;

std::string_view Text(const void* bytes, std::size_t size) {
  return {static_cast<const char*>(bytes), size};
}

}  // namespace

std::int32_t KafkaRecord::partition() const { return message_.partition; }
std::int64_t KafkaRecord::offset() const { return message_.offset; }

std::int64_t KafkaRecord::timestamp_ms() const {
  return RdKafka().rd_kafka_message_timestamp(&message_, nullptr);
}

std::optional<std::string_view> KafkaRecord::key() const {
  if (message_.key == nullptr) return std::nullopt;
  return Text(message_.key, message_.key_len);
}

std::optional<std::string_view> KafkaRecord::value() const {
  if (message_.payload == nullptr) return std::nullopt;
  return Text(message_.payload, message_.len);
}

std::string_view KafkaRecord::Header(const char* name) const {
  rd_kafka_headers_t* headers = nullptr;
  if (RdKafka().rd_kafka_message_headers(&message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return "";
  const void* value = nullptr;
  std::size_t size = 0;
  const auto code = RdKafka().rd_kafka_header_get(headers, 0, name, &value, &size);
  return code == RD_KAFKA_RESP_ERR_NO_ERROR && value != nullptr ? Text(value, size) : "";
}

std::vector<std::pair<std::string_view, std::optional<std::string_view>>> KafkaRecord::Headers()
    const {
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> found;
  rd_kafka_headers_t* headers = nullptr;
  if (RdKafka().rd_kafka_message_headers(&message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return found;
  }
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; RdKafka().rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                          RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    found.emplace_back(name, value == nullptr ? std::nullopt : std::optional(Text(value, size)));
  }
  return found;
}

struct KafkaConsumer::Handles {
  KafkaQueue queue;
  KafkaOwned<rd_kafka_topic_t, &RdKafkaFunctions::rd_kafka_topic_destroy> topic;
};

KafkaConsumer::KafkaConsumer(KafkaClient& client, std::string topic)
    : client_(client), topic_(std::move(topic)), handles_(std::make_unique<Handles>()) {
  handles_->queue.reset(RdKafka().rd_kafka_queue_new(client.handle()));
  handles_->topic.reset(RdKafka().rd_kafka_topic_new(client.handle(), topic_.c_str(), nullptr));
}

KafkaConsumer::~KafkaConsumer() {
  while (!started_.empty()) Stop(started_.begin()->first);
}

Status KafkaConsumer::Start(std::int32_t partition, std::int64_t offset) {
  if (!handles_->topic ||
      RdKafka().rd_kafka_consume_start_queue(handles_->topic.get(), partition, offset,
                                             handles_->queue.get()) != 0) {
    return std::unexpected(
        ErrorFromKafka(RdKafka().rd_kafka_last_error(),
                       fmt::format("topic \"{}\", partition {}", topic_, partition)));
  }
  started_[partition] = {.next = offset};
  return {};
}

void KafkaConsumer::Stop(std::int32_t partition) {
  RdKafka().rd_kafka_consume_stop(handles_->topic.get(), partition);
  started_.erase(partition);
}

Result<bool> KafkaConsumer::OnMessage(const rd_kafka_message_s& message, const Take& take) {
  const auto found = started_.find(message.partition);
  if (found == started_.end()) return true;
  auto& position = found->second;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    position.next = std::max(position.next, message.offset);
    position.is_at_end = true;
    return true;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(
        ErrorFromKafka(message.err, fmt::format("topic \"{}\", partition {}, offset {}", topic_,
                                                message.partition, position.next)));
  }
  position = {.next = message.offset + 1};
  return take(KafkaRecord(message));
}

// librdkafka 2.0 stops fetching a partition once enough is read ahead, and then looks only once a
// second whether there is room again, unless its thread of that server has something else to do. A
// request for metadata is that; in a cluster it goes to any of the servers.
void KafkaConsumer::WakeFetcher() {
  const auto is_at_end = [](const auto& one) { return one.second.is_at_end; };
  if (std::ranges::all_of(started_, is_at_end)) return;
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code =
      RdKafka().rd_kafka_metadata(client_.handle(), 0, handles_->topic.get(), &answer, kLookMs);
  // A failure is that of the partitions too: it comes with their messages or by CheckConnection.
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) RdKafka().rd_kafka_metadata_destroy(answer);
}

Result<rd_kafka_message_s*> KafkaConsumer::AwaitMessage(std::int32_t wait_ms) {
  for (auto slice_ms = kKafkaWakeMs;; slice_ms = kLookMs) {
    slice_ms = std::min(wait_ms, slice_ms);
    auto* const message = RdKafka().rd_kafka_consume_queue(handles_->queue.get(), slice_ms);
    if (message != nullptr) return message;
    ST_TRY_STATUS(client_.CheckConnection());
    wait_ms -= slice_ms;
    if (wait_ms <= 0) return nullptr;
    WakeFetcher();
  }
}

Status KafkaConsumer::Poll(std::int32_t wait_ms, const Take& take) {
  std::array<rd_kafka_message_t*, kKafkaPollRecords> raw{};
  ST_TRY(raw[0], AwaitMessage(wait_ms));
  if (raw[0] == nullptr) return {};
  // The first one was waited for; the others are those that came with it.
  const auto more = RdKafka().rd_kafka_consume_batch_queue(handles_->queue.get(), 0, raw.data() + 1,
                                                           raw.size() - 1);
  const std::size_t count = 1 + static_cast<std::size_t>(std::max<ssize_t>(more, 0));
  std::array<Message, kKafkaPollRecords> messages;
  for (std::size_t i = 0; i < count; ++i) messages[i].reset(raw[i]);
  for (std::size_t i = 0; i < count; ++i) {
    ST_TRY(const bool goes_on, OnMessage(*messages[i], take));
    if (!goes_on) break;
  }
  return {};
}

Status KafkaConsumer::ReadRange(const Range& range, const Take& take) {
  ST_TRY_STATUS(Start(range.partition, range.from));
  const auto& position = started_.at(range.partition);
  const auto clock = os::MakeSystemClock();
  auto deadline_us = clock->MonotonicUs() + kKafkaWaitMs * kUsPerMs;
  Status outcome;
  bool is_wanted = true;
  while (outcome && is_wanted && position.next < range.to && !position.is_at_end) {
    const auto before = position.next;
    outcome = Poll(kKafkaWaitMs, [&](const KafkaRecord& record) {
      is_wanted = record.offset() < range.to && take(record);
      return is_wanted;
    });
    const auto now_us = clock->MonotonicUs();
    if (position.next != before) deadline_us = now_us + kKafkaWaitMs * kUsPerMs;
    if (outcome && now_us >= deadline_us) {
      outcome = std::unexpected(ErrorFromKafka(
          RD_KAFKA_RESP_ERR__TIMED_OUT, fmt::format("topic \"{}\", partition {}, offset {}", topic_,
                                                    range.partition, position.next)));
    }
  }
  Stop(range.partition);
  return outcome;
}

}  // namespace st::client
