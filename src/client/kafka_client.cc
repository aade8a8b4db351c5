#include "client/kafka_client.h"

#include <netdb.h>

#include <array>
#include <optional>
#include <utility>

#include "client/kafka_errors.h"
#include "client/kafka_handle.h"
#include "client/kafka_producer.h"
#include "client/limits.h"
#include "net/address.h"

namespace st::client {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings SettingsOf(const std::string& brokers, KafkaUse use) {
  const auto wait = std::to_string(kKafkaWaitMs);
  Settings settings = {{"bootstrap.servers", brokers},
                       {"client.id", "steelthread"},
                       {"log_level", "0"},
                       {"socket.timeout.ms", wait},
                       {"socket.connection.setup.timeout.ms", wait},
                       {"socket.nagle.disable", "true"},
                       {"reconnect.backoff.ms", "20"},
                       {"reconnect.backoff.max.ms", "200"},
                       {"retry.backoff.ms", "20"},
                       {"topic.metadata.refresh.fast.interval.ms", "20"},
                       {"message.max.bytes", "1000000000"}};
  const auto add = [&settings](const Settings& more) {
    settings.insert(settings.end(), more.begin(), more.end());
  };
  if (use == KafkaUse::kWriting) {
    // A record whose outcome is unknown is not sent again (I6).
    add({{"message.send.max.retries", "0"},
         {"message.timeout.ms", wait},
         {"request.timeout.ms", wait}});
    return settings;
  }
  const auto fetch_ms = use == KafkaUse::kFollowing ? kKafkaFollowingFetchMs : kKafkaReadingFetchMs;
  add({{"fetch.wait.max.ms", std::to_string(fetch_ms)},
       {"fetch.message.max.bytes", std::to_string(kKafkaFetchBytes)},
       {"queued.max.messages.kbytes", std::to_string(kKafkaQueuedBytes >> 10)},
       {"fetch.max.bytes", "1000000000"},
       {"receive.message.max.bytes", "1100000000"},
       {"fetch.error.backoff.ms", "20"},
       {"auto.offset.reset", "error"},
       {"enable.partition.eof", "true"},
       {"check.crcs", "true"}});
  return settings;
}

void DropLogLine(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

// What librdkafka's callbacks use; it stays where it is when the client is moved.
struct KafkaClient::State {
  std::string brokers;
  // The one address to which every name is resolved; nullopt: names are looked up.
  std::optional<net::Endpoint> endpoint;
  addrinfo resolved{};
  bool is_lost = false;  // set by a callback of rd_kafka_poll, on the owner's thread
  KafkaOwned<rd_kafka_t, &RdKafkaFunctions::rd_kafka_destroy>
      handle;  // first to go: its threads use the others

  std::string Name() const { return "Kafka at " + brokers; }

  static void OnError(rd_kafka_t*, int code, const char*, void* opaque) {
    auto& self = *static_cast<State*>(opaque);
    self.is_lost |= code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  }

  // As getaddrinfo(3); a call without a name is to free what an earlier one gave.
  static int Resolve(const char* name, const char*, const addrinfo*, addrinfo** result,
                     void* opaque) {
    if (name != nullptr) *result = &static_cast<State*>(opaque)->resolved;
    return 0;
  }
};

KafkaClient::KafkaClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
KafkaClient::KafkaClient(KafkaClient&& other) noexcept = default;
KafkaClient& KafkaClient::operator=(KafkaClient&& other) noexcept = default;
KafkaClient::~KafkaClient() = default;

rd_kafka_s* KafkaClient::handle() { return state_->handle.get(); }

Result<KafkaClient> KafkaClient::Make(std::unique_ptr<State> state, const std::string& brokers,
                                      KafkaUse use) {
  ST_TRY_STATUS(LoadRdKafka());
  std::array<char, 512> reason{};
  KafkaConf conf(RdKafka().rd_kafka_conf_new());
  for (const auto& [name, value] : SettingsOf(brokers, use)) {
    if (RdKafka().rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(),
                                    reason.size()) != RD_KAFKA_CONF_OK) {
      return Fail(ErrorCode::kInvalidArgument, "{}", reason.data());
    }
  }
  state->brokers = brokers;
  RdKafka().rd_kafka_conf_set_opaque(conf.get(), state.get());
  RdKafka().rd_kafka_conf_set_log_cb(conf.get(), DropLogLine);
  RdKafka().rd_kafka_conf_set_error_cb(conf.get(), State::OnError);
  if (use == KafkaUse::kWriting) {
    RdKafka().rd_kafka_conf_set_dr_msg_cb(conf.get(), KafkaProducer::OnDelivery);
  }
  if (state->endpoint) RdKafka().rd_kafka_conf_set_resolve_cb(conf.get(), State::Resolve);
  state->handle.reset(
      RdKafka().rd_kafka_new(use == KafkaUse::kWriting ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
                             conf.get(), reason.data(), reason.size()));
  if (!state->handle) return Fail(ErrorCode::kIo, "librdkafka: {}", reason.data());
  [[maybe_unused]] auto* const owned_by_handle = conf.release();
  return KafkaClient(std::move(state));
}

Result<KafkaClient> KafkaClient::Connect(const std::string& address, KafkaUse use) {
  // librdkafka goes on trying where nothing listens; a connection of our own tells that at once.
  ST_TRY(const auto probe, net::Connect(address, kKafkaWaitMs * kUsPerMs));
  auto state = std::make_unique<State>();
  ST_TRY(state->endpoint, net::ParseAddress(address));
  state->resolved = {.ai_flags = 0,
                     .ai_family = state->endpoint->get()->sa_family,
                     .ai_socktype = SOCK_STREAM,
                     .ai_protocol = IPPROTO_TCP,
                     .ai_addrlen = state->endpoint->size,
                     .ai_addr = state->endpoint->get(),
                     .ai_canonname = nullptr,
                     .ai_next = nullptr};
  return Make(std::move(state), address, use);
}

Result<KafkaClient> KafkaClient::Open(const std::string& brokers, KafkaUse use) {
  return Make(std::make_unique<State>(), brokers, use);
}

Status KafkaClient::CheckConnection() {
  RdKafka().rd_kafka_poll(handle(), 0);
  if (!state_->is_lost) return {};
  return std::unexpected(ErrorFromKafka(RD_KAFKA_RESP_ERR__TRANSPORT, state_->Name()));
}

Result<std::vector<KafkaTopic>> KafkaClient::Topics() {
  const rd_kafka_metadata_t* answer = nullptr;
  constexpr int kAllTopics = 1;
  const auto code =
      RdKafka().rd_kafka_metadata(handle(), kAllTopics, nullptr, &answer, kKafkaWaitMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorFromKafka(code, state_->Name()));
  }
  const KafkaMetadata metadata(answer);
  std::vector<KafkaTopic> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    topics.push_back({.name = topic.topic, .partitions = topic.partition_cnt});
  }
  return topics;
}

Result<std::vector<std::int64_t>> KafkaClient::StartOffsets(const KafkaTopic& topic) {
  return AskOffsets(topic, RD_KAFKA_OFFSET_BEGINNING);
}

Result<std::vector<std::int64_t>> KafkaClient::EndOffsets(const KafkaTopic& topic) {
  return AskOffsets(topic, RD_KAFKA_OFFSET_END);
}

Result<std::vector<std::int64_t>> KafkaClient::OffsetsAtTime(const KafkaTopic& topic,
                                                             std::int64_t time_ms) {
  return AskOffsets(topic, time_ms);
}

// The protocol has times of its own for the start and the end, which librdkafka's names equal.
Result<std::vector<std::int64_t>> KafkaClient::AskOffsets(const KafkaTopic& topic,
                                                          std::int64_t time_ms) {
  std::vector<std::int64_t> offsets;
  if (topic.partitions == 0) return offsets;
  const KafkaPartitions list(RdKafka().rd_kafka_topic_partition_list_new(topic.partitions));
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    // librdkafka takes times in the field `offset`.
    RdKafka().rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), p)->offset =
        time_ms;
  }
  const auto object = fmt::format("topic \"{}\"", topic.name);
  const auto code = RdKafka().rd_kafka_offsets_for_times(handle(), list.get(), kKafkaWaitMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(ErrorFromKafka(code, object));
  for (int i = 0; i < list->cnt; ++i) {
    const auto& one = list->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return std::unexpected(
          ErrorFromKafka(one.err, fmt::format("{}, partition {}", object, one.partition)));
    }
    offsets.push_back(one.offset);
  }
  return offsets;
}

Status KafkaClient::CreateTopic(const NewKafkaTopic& topic) {
  std::array<char, 512> reason{};
  const KafkaNewTopic request(RdKafka().rd_kafka_NewTopic_new(
      topic.name.c_str(), topic.partitions, topic.replication, reason.data(), reason.size()));
  if (!request) {
    return Fail(ErrorCode::kInvalidArgument, "topic \"{}\": {}", topic.name, reason.data());
  }
  for (const auto& [key, value] : topic.settings) {
    RdKafka().rd_kafka_NewTopic_set_config(request.get(), key.c_str(), value.c_str());
  }
  const KafkaAdminOptions options(
      RdKafka().rd_kafka_AdminOptions_new(handle(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  RdKafka().rd_kafka_AdminOptions_set_request_timeout(options.get(), kKafkaWaitMs, reason.data(),
                                                      reason.size());
  const KafkaQueue queue(RdKafka().rd_kafka_queue_new(handle()));
  std::array requests = {request.get()};
  RdKafka().rd_kafka_CreateTopics(handle(), requests.data(), requests.size(), options.get(),
                                  queue.get());
  const KafkaEvent event(RdKafka().rd_kafka_queue_poll(queue.get(), 2 * kKafkaWaitMs));
  const auto object = fmt::format("topic \"{}\"", topic.name);
  if (!event) return std::unexpected(ErrorFromKafka(RD_KAFKA_RESP_ERR__TIMED_OUT, object));
  if (const auto code = RdKafka().rd_kafka_event_error(event.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorFromKafka(code, object));
  }
  std::size_t count = 0;
  const auto* results = RdKafka().rd_kafka_CreateTopics_result_topics(
      RdKafka().rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = RdKafka().rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* words = RdKafka().rd_kafka_topic_result_error_string(results[i]);
    const auto own = ErrorFromKafka(code, object);
    if (words == nullptr || *words == '\0') return std::unexpected(own);
    const auto is_known = code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    return Fail(is_known ? ErrorCode::kAlreadyExists : ErrorCode::kInvalidArgument, "{}", words);
  }
  return {};
}

}  // namespace st::client
