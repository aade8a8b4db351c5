#include "cli/foreign_log.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <utility>

namespace st::cli {
namespace {

constexpr int kTimeoutMs = 10'000;

struct DestroyClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

std::unexpected<Error> Trouble(const std::string& what, rd_kafka_resp_err_t code) {
  return Fail(ErrorCode::kUnavailable, "{}: {}", what, rd_kafka_err2str(code));
}

class LibrdkafkaLog final : public ForeignLog {
 public:
  LibrdkafkaLog(Client client, std::string broker, std::string topic)
      : client_(std::move(client)), broker_(std::move(broker)), topic_(std::move(topic)) {}

  Result<std::int64_t> End() override {
    ST_TRY(const int partitions, Partitions());
    std::int64_t sum = 0;
    for (int p = 0; p < partitions; ++p) {
      std::int64_t low = 0;
      std::int64_t high = 0;
      const auto code = rd_kafka_query_watermark_offsets(client_.get(), topic_.c_str(), p, &low,
                                                         &high, kTimeoutMs);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Trouble(topic_ + " at " + broker_, code);
      sum += high;
    }
    return sum;
  }

 private:
  Result<int> Partitions() {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &metadata, kTimeoutMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Trouble("broker " + broker_, code);
    int partitions = 0;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      if (topic_ == metadata->topics[i].topic) partitions = metadata->topics[i].partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return partitions;
  }

  const Client client_;
  const std::string broker_;
  const std::string topic_;
};

}  // namespace

Result<std::unique_ptr<ForeignLog>> ForeignLog::Open(const std::string& broker,
                                                     const std::string& topic) {
  std::array<char, 512> reason{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::array<std::pair<const char*, const char*>, 2> settings = {
      {{"bootstrap.servers", broker.c_str()}, {"log_level", "0"}}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return Fail(ErrorCode::kInvalidArgument, "--kafka: {}", reason.data());
    }
  }
  Client client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size()));
  if (!client) {
    rd_kafka_conf_destroy(conf);
    return Fail(ErrorCode::kIo, "librdkafka: {}", reason.data());
  }
  return std::make_unique<LibrdkafkaLog>(std::move(client), broker, topic);
}

}  // namespace st::cli
