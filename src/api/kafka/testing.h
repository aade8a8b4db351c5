// Test fixture of the adapter: a log in memory, the adapter on a free port, and a client that
// speaks requests of fixed versions.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <utility>

#include "api/kafka/kafka_api.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "base/metrics.h"
#include "format/kafka/wire.h"
#include "log/testing.h"
#include "net/testing.h"
#include "os/random.h"

namespace st::api::testing {

using kafka::Reader;
using kafka::Writer;

inline constexpr std::int64_t kWaitUs = 20'000'000;

// One connection that speaks requests of fixed versions.
class Client {
 public:
  explicit Client(const std::string& address, const std::string& from = "127.0.0.1")
      : fd_(net::testing::ConnectFrom(from, address)) {}
  void Send(std::int16_t key, std::int16_t version, const std::string& body) {
    Writer frame;
    frame.Int(key).Int(version).Int(++sent_).String("test");
    const std::string payload = frame.Take() + body;
    std::string bytes;
    AppendBig(bytes, static_cast<std::uint32_t>(payload.size()));
    bytes += payload;
    for (std::size_t sent = 0; sent < bytes.size();) {
      pollfd wait{fd_.get(), POLLOUT, 0};
      ASSERT_EQ(::poll(&wait, 1, static_cast<int>(kWaitUs / 1000)), 1);
      const ssize_t n = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      sent += static_cast<std::size_t>(n);
    }
  }
  // The next response behind its correlation id, "closed" at the end of the connection.
  std::string Receive() {
    const std::string head = Take(4);
    if (head.size() < 4) return "closed";
    const std::string payload = Take(LoadBig<std::uint32_t>(head));
    EXPECT_EQ(LoadBig<std::int32_t>(payload), ++received_) << "answers in order";
    return payload.substr(4);
  }
  std::string Call(std::int16_t key, std::int16_t version, const std::string& body) {
    Send(key, version, body);
    return Receive();
  }

 private:
  std::string Take(std::size_t n) { return net::testing::Receive(fd_.get(), n, kWaitUs); }
  os::UniqueFd fd_;
  std::int32_t sent_ = 0;
  std::int32_t received_ = 0;
};

struct Produced {
  std::int16_t error = -2;
  std::int64_t offset = -1;
  std::string message;
  bool operator==(const Produced&) const = default;
};
inline void PrintTo(const Produced& p, std::ostream* out) {
  *out << p.error << " at " << p.offset << ": " << p.message;
}

// Produce version 8 to partition 0 of one topic.
inline std::string ProduceBody(const std::string& topic, const std::string& batch,
                               std::int16_t acks = -1) {
  Writer body;
  body.NullableString(std::nullopt).Int(acks).Int(std::int32_t{1000});
  body.Int(std::int32_t{1}).String(topic).Int(std::int32_t{1}).Int(std::int32_t{0}).Bytes(batch);
  return body.Take();
}

inline Produced ReadProduced(const std::string& response) {
  Reader in(response);
  in.Int<std::int32_t>();
  in.String();
  in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  Produced produced;
  produced.error = in.Int<std::int16_t>();
  produced.offset = in.Int<std::int64_t>();
  in.Int<std::int64_t>();  // append time
  in.Int<std::int64_t>();  // log start
  in.Int<std::int32_t>();  // errors a record
  produced.message = in.String();
  EXPECT_TRUE(in.ok());
  return produced;
}

struct Fetched {
  std::int16_t error = -2;
  std::int64_t high_watermark = -1;
  std::string records;
};

struct Wanted {
  std::int64_t offset = 0;
  std::int32_t min_bytes = 1;
  std::int32_t max_wait_ms = 20'000;
  std::int32_t max_bytes = 1 << 20;
};

// Fetch version 4 from partition 0 of "events".
inline std::string FetchBody(const Wanted& wanted) {
  Writer body;
  body.Int(std::int32_t{-1}).Int(wanted.max_wait_ms).Int(wanted.min_bytes).Int(wanted.max_bytes);
  body.Int(std::int8_t{0}).Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
  body.Int(std::int32_t{0}).Int(wanted.offset).Int(wanted.max_bytes);
  return body.Take();
}

inline Fetched ReadFetched(const std::string& response) {
  Reader in(response);
  in.Int<std::int32_t>();  // throttle
  in.Int<std::int32_t>();
  in.String();
  in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  Fetched fetched;
  fetched.error = in.Int<std::int16_t>();
  fetched.high_watermark = in.Int<std::int64_t>();
  in.Int<std::int64_t>();  // last stable
  in.Int<std::int32_t>();  // aborted
  fetched.records = in.NullableBytes().value_or("");
  EXPECT_TRUE(in.ok());
  return fetched;
}

inline std::string Based(std::string batch, std::int64_t offset) {
  record::SetBaseOffset(batch, offset, 0);
  return batch;
}

// The batch with a 32-bit header field changed and its CRC made right.
inline std::string With(std::string batch, std::size_t at, std::int32_t value) {
  StoreBig(batch.data() + at, value);
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

// Metadata version 4 of one topic: its error and number of partitions.
inline std::pair<std::int16_t, std::int32_t> MetadataOf(Client& client, const std::string& topic,
                                                        bool may_create,
                                                        std::string* host = nullptr) {
  Writer body;
  body.Int(std::int32_t{1}).String(topic).Bool(may_create);
  const std::string answer = client.Call(3, 4, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();  // throttle
  in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  const std::string name(in.String());
  if (host != nullptr) *host = name + ":" + std::to_string(in.Int<std::int32_t>());
  if (host == nullptr) in.Int<std::int32_t>();
  in.NullableString();
  in.String();
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int32_t>(), 1);
  const auto error = in.Int<std::int16_t>();
  EXPECT_EQ(in.String(), topic);
  in.Bool();
  return {error, in.Int<std::int32_t>()};
}

// The batch with its times in the header changed and its CRC made right.
inline std::string Claiming(std::string batch, std::int16_t attributes, std::int64_t max_time_ms) {
  record::SetCreateTimes(batch, max_time_ms);
  return With(batch, 21, (attributes << 16) | LoadBig<std::int16_t>(batch.substr(23)));
}

class KafkaApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = log::LocalLog::Open(
               {fs_, clock_, *random_},
               {.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10})
               .value();
    groups_ = group::Coordinator::Open({fs_, clock_, *random_, &metrics_}, *log_,
                                       {.initial_rebalance_delay_ms = 0})
                  .value();
    options_.io_threads = 3;
    Start();
    ASSERT_TRUE(log_->CreateTopic("events", 1));
  }
  void TearDown() override {
    client_.reset();
    api_->Stop(0);
    log_->Stop();
  }
  void Start() {
    options_.listen = "127.0.0.1:0";
    api_ = KafkaApi::Start(options_, *log_, log::InspectionOf(*log_), *groups_,
                           {fs_, clock_, *random_})
               .value();
    client_ = std::make_unique<Client>(api_->address());
  }
  Produced Produce(const std::string& batch, const std::string& topic = "events") {
    return ReadProduced(client_->Call(0, 8, ProduceBody(topic, batch)));
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  MetricRegistry metrics_;
  KafkaOptions options_;
  std::unique_ptr<group::Coordinator> groups_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<KafkaApi> api_;
  std::unique_ptr<Client> client_;
};

inline const std::string& One() {
  static const std::string one = log::testing::Batch({"one"});
  return one;
}

}  // namespace st::api::testing
