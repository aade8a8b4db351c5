#include "api/kafka/kafka_api.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <zstd.h>

#include "api/kafka/limits.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "format/kafka/limits.h"
#include "format/kafka/wire.h"
#include "log/limits.h"
#include "log/testing.h"
#include "net/address.h"
#include "net/testing.h"
#include "os/random.h"

namespace st::api {
namespace {

using kafka::Reader;
using kafka::Writer;

constexpr std::int64_t kWaitUs = 20'000'000;

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
  std::string Take(std::size_t n) {
    std::string got;
    while (got.size() < n) {
      pollfd wait{fd_.get(), POLLIN, 0};
      if (::poll(&wait, 1, static_cast<int>(kWaitUs / 1000)) <= 0) break;
      std::string part(n - got.size(), '\0');
      const ssize_t r = ::recv(fd_.get(), part.data(), part.size(), 0);
      if (r <= 0) break;
      got += part.substr(0, static_cast<std::size_t>(r));
    }
    return got;
  }
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
void PrintTo(const Produced& p, std::ostream* out) {
  *out << p.error << " at " << p.offset << ": " << p.message;
}

// Produce version 8 to partition 0 of one topic.
std::string ProduceBody(const std::string& topic, const std::string& batch,
                        std::int16_t acks = -1) {
  Writer body;
  body.NullableString(std::nullopt).Int(acks).Int(std::int32_t{1000});
  body.Int(std::int32_t{1}).String(topic).Int(std::int32_t{1}).Int(std::int32_t{0}).Bytes(batch);
  return body.Take();
}

Produced ReadProduced(const std::string& response) {
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
std::string FetchBody(const Wanted& wanted) {
  Writer body;
  body.Int(std::int32_t{-1}).Int(wanted.max_wait_ms).Int(wanted.min_bytes).Int(wanted.max_bytes);
  body.Int(std::int8_t{0}).Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
  body.Int(std::int32_t{0}).Int(wanted.offset).Int(wanted.max_bytes);
  return body.Take();
}

Fetched ReadFetched(const std::string& response) {
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

std::string Based(std::string batch, std::int64_t offset) {
  record::SetBaseOffset(batch, offset, 0);
  return batch;
}

// The batch with a 32-bit header field changed and its CRC made right.
std::string With(std::string batch, std::size_t at, std::int32_t value) {
  StoreBig(batch.data() + at, value);
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

class KafkaApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = log::LocalLog::Open(
               fs_, clock_, *random_,
               {.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10})
               .value();
    Start();
    ASSERT_TRUE(log_->CreateTopic("events", 1));
  }
  void TearDown() override {
    client_.reset();
    api_->Stop(0);
  }
  void Start() {
    options_.listen = "127.0.0.1:0";
    api_ = KafkaApi::Start(options_, *log_, clock_).value();
    client_ = std::make_unique<Client>(api_->address());
  }
  Produced Produce(const std::string& batch, const std::string& topic = "events") {
    return ReadProduced(client_->Call(0, 8, ProduceBody(topic, batch)));
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  KafkaOptions options_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<KafkaApi> api_;
  std::unique_ptr<Client> client_;
};

const std::string& One() {
  static const std::string one = log::testing::Batch({"one"});
  return one;
}

TEST_F(KafkaApiTest, WhatIsProducedIsFetchedVerbatimButForItsOffset) {
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""}));
  EXPECT_EQ(Produce(log::testing::Batch({"two", "three"})), (Produced{0, 1, ""}));
  const auto fetched = ReadFetched(client_->Call(1, 4, FetchBody({})));
  EXPECT_EQ(fetched.error, 0);
  EXPECT_EQ(fetched.high_watermark, 3);
  EXPECT_EQ(fetched.records, Based(One(), 0) + Based(log::testing::Batch({"two", "three"}), 1));
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({.offset = 4}))).error, 1) << "out of range";
}

TEST_F(KafkaApiTest, AProtectedTopicTakesNoBatch) {
  client_.reset();
  api_->Stop(0);
  options_.may_write_topic = [](const std::string& name) -> Status {
    if (name != "game") return {};
    return Fail(ErrorCode::kInvalidArgument, "topic game is the server's own");
  };
  Start();
  constexpr int kTopicAuthorizationFailed = 29;
  EXPECT_EQ(Produce(One(), "game").error, kTopicAuthorizationFailed) << "it is not there";
  ASSERT_TRUE(log_->CreateTopic("game", 1));
  EXPECT_EQ(Produce(One(), "game").error, kTopicAuthorizationFailed);
  EXPECT_EQ(Produce(One()).error, 0);
  const TopicPartition tp{log_->FindTopic("game")->id, PartitionId(0)};
  EXPECT_EQ(log_->EndOffset(tp), Offset(0));
}

TEST_F(KafkaApiTest, TheFirstBatchIsFetchedEvenIfItIsLargerThanAsked) {
  Produce(One());
  Produce(One());
  const auto fetched = ReadFetched(client_->Call(1, 4, FetchBody({.max_bytes = 1})));
  EXPECT_EQ(fetched.records, Based(One(), 0));
}

TEST_F(KafkaApiTest, ALongPollWaitsForAllOfMinBytes) {
  Client poller(api_->address());
  poller.Send(1, 4, FetchBody({.min_bytes = static_cast<std::int32_t>(One().size() * 3)}));
  for (int i = 0; i < 3; ++i) Produce(One());
  const auto fetched = ReadFetched(poller.Receive());
  EXPECT_EQ(fetched.records, Based(One(), 0) + Based(One(), 1) + Based(One(), 2));
}

TEST_F(KafkaApiTest, ALongPollAnswersWithLessWhenItsTimeIsOver) {
  Produce(One());
  const auto fetched =
      ReadFetched(client_->Call(1, 4, FetchBody({.min_bytes = 1 << 20, .max_wait_ms = 20})));
  EXPECT_EQ(fetched.error, 0);
  EXPECT_EQ(fetched.records, Based(One(), 0));
  const auto empty = ReadFetched(client_->Call(1, 4, FetchBody({.offset = 1, .max_wait_ms = 20})));
  EXPECT_EQ(empty.error, 0);
  EXPECT_EQ(empty.records, "");
}

TEST_F(KafkaApiTest, BatchesThatNoReaderCouldHoldAreTooLarge) {
  const std::int32_t many = record::kMaxBatchRecords + 1;
  const auto counted = Produce(With(With(One(), 23, many - 1), 57, many));
  EXPECT_EQ(counted, (Produced{10, -1, "record batch of 1000001 records; at most 1000000"}));
  const auto large = Produce(log::testing::Batch({std::string(log::kMaxBatchBytes, 'x')}));
  EXPECT_EQ(large.error, 10);
  EXPECT_TRUE(large.message.starts_with("record batch too large: ")) << large.message;
}

TEST_F(KafkaApiTest, BatchesThatDoNotDecodeAreInvalidRecordsAndDamagedOnesAreCorrupt) {
  std::string broken = One();
  broken.back() = 1;  // one header, and no bytes for it
  EXPECT_EQ(Produce(With(broken, 57, 1)), (Produced{87, -1, "record 0 of 1 does not decode"}));
  EXPECT_EQ(Produce(broken).error, 2) << "its crc is wrong";
  EXPECT_EQ(Produce("short").error, 2);
  EXPECT_EQ(Produce(One(), "nowhere").error, 3);
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""})) << "nothing of these was kept";
}

// One record of `bytes` zeros, compressed with zstd to next to nothing.
std::string Bomb(std::size_t bytes) {
  const auto plain = log::testing::Batch({std::string(bytes, '\0')});
  const auto records = std::string_view(plain).substr(record::kBatchHeaderBytes);
  std::string packed(ZSTD_compressBound(records.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), records.data(), records.size(), 1));
  std::string batch = plain.substr(0, record::kBatchHeaderBytes) + packed;
  StoreBig(batch.data() + 8, static_cast<std::int32_t>(batch.size() - 12));
  batch[22] = 4;
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

// Produce version 8 of several batches to partition 0 of "events": the errors.
std::vector<std::int16_t> ProduceAll(Client& client, const std::vector<std::string>& batches) {
  Writer body;
  body.NullableString(std::nullopt).Int(std::int16_t{-1}).Int(std::int32_t{1000});
  body.Int(std::int32_t{1}).String("events").ArrayLength(batches);
  for (const auto& batch : batches) body.Int(std::int32_t{0}).Bytes(batch);
  const auto answer = client.Call(0, 8, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  in.String();
  std::vector<std::int16_t> errors;
  for (auto n = in.Int<std::int32_t>(); n > 0; --n) {
    in.Int<std::int32_t>();
    errors.push_back(in.Int<std::int16_t>());
    for (int i = 0; i < 3; ++i) in.Int<std::int64_t>();
    in.Int<std::int32_t>();
    in.NullableString();
  }
  EXPECT_TRUE(in.ok());
  return errors;
}

TEST_F(KafkaApiTest, ARequestIsDecompressedUpToALimitAndNotBehindARefusedBatch) {
  constexpr std::size_t kMost = kMaxRequestRecordBytes;
  EXPECT_EQ(ProduceAll(*client_, {Bomb(kMost / 2), Bomb(kMost * 2 / 3), One()}),
            (std::vector<std::int16_t>{0, 19, 19}))
      << "those behind the limit are to be sent again";
  EXPECT_EQ(ProduceAll(*client_, {One(), Bomb(kMost + 1), One()}),
            (std::vector<std::int16_t>{0, 10, 19}));
  EXPECT_EQ(Produce(Bomb(100)), (Produced{0, 2, ""})) << "the refused ones were not stored";
}

TEST_F(KafkaApiTest, BatchesOfAConnectionAreStoredInTheOrderSentWhereverTheyAreChecked) {
  const std::vector<std::string> batches = {Bomb(2 << 20), One(), Bomb(100), One(),
                                            log::testing::Batch({std::string(200'000, 'x')})};
  for (const auto& batch : batches) client_->Send(0, 8, ProduceBody("events", batch));
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(ReadProduced(client_->Receive()), (Produced{0, i, ""}));
  }
}

TEST_F(KafkaApiTest, WithoutAcksNothingIsAnsweredAndAFailureCloses) {
  client_->Send(0, 8, ProduceBody("events", One(), 0));
  client_->Send(0, 8, ProduceBody("nowhere", One(), 0));
  EXPECT_EQ(client_->Receive(), "closed");
  client_ = std::make_unique<Client>(api_->address());
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({}))).records, Based(One(), 0));
}

TEST_F(KafkaApiTest, UnknownKeysAndOldVersionsCloseTheConnection) {
  client_->Send(999, 0, "");
  EXPECT_EQ(client_->Receive(), "closed");
  client_ = std::make_unique<Client>(api_->address());
  client_->Send(0, 2, ProduceBody("events", One()));
  EXPECT_EQ(client_->Receive(), "closed");
}

TEST_F(KafkaApiTest, GroupsAreRefusedWithAReason) {
  Writer body;
  body.String("group").Int(std::int8_t{0});
  const std::string answer = client_->Call(10, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 30);
  EXPECT_EQ(in.String(),
            "consumer groups are not offered by this server: assign partitions instead");
}

// Metadata version 4 of one topic: its error and number of partitions.
std::pair<std::int16_t, std::int32_t> MetadataOf(Client& client, const std::string& topic,
                                                 bool may_create, std::string* host = nullptr) {
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

TEST_F(KafkaApiTest, FirstUseMakesATopicWhereTheClientAllowsIt) {
  EXPECT_EQ(MetadataOf(*client_, "new", false), std::pair(std::int16_t{3}, 0));
  EXPECT_FALSE(log_->FindTopic("new"));
  EXPECT_EQ(MetadataOf(*client_, "new", true), std::pair(std::int16_t{0}, 1));
  EXPECT_EQ(MetadataOf(*client_, "bad name", true).first, 17);
}

TEST_F(KafkaApiTest, ClientsAreSentToTheAddressTheyDialledOrTheOneAdvertised) {
  std::string host;
  MetadataOf(*client_, "events", false, &host);
  EXPECT_EQ(host, api_->address());
  api_->Stop(0);
  options_.advertise = "broker.example:29092";
  Start();
  MetadataOf(*client_, "events", false, &host);
  EXPECT_EQ(host, "broker.example:29092");
}

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  std::string config;
  bool validate_only = false;
};

// CreateTopics version 1: error and message.
std::pair<std::int16_t, std::string> Create(Client& client, const NewTopic& topic) {
  Writer body;
  body.Int(std::int32_t{1}).String(topic.name).Int(topic.partitions).Int(topic.replication);
  body.Int(std::int32_t{0}).Int(topic.config.empty() ? 0 : 1);
  if (!topic.config.empty()) body.String(topic.config).String("1");
  body.Int(std::int32_t{1000}).Bool(topic.validate_only);
  const std::string answer = client.Call(19, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.String(), topic.name);
  const auto error = in.Int<std::int16_t>();
  return {error, std::string(in.String())};
}

TEST_F(KafkaApiTest, TopicsAreMadeOrRefusedWithAReason) {
  EXPECT_EQ(Create(*client_, {.name = "dry", .validate_only = true}).first, 0);
  EXPECT_FALSE(log_->FindTopic("dry"));
  EXPECT_EQ(Create(*client_, {.name = "a", .partitions = 3, .replication = -1}).first, 0);
  EXPECT_EQ(log_->FindTopic("a")->partitions, 3);
  EXPECT_EQ(Create(*client_, {.name = "a"}).first, 36);
  EXPECT_EQ(Create(*client_, {.name = "b", .partitions = 0}).first, 37);
  EXPECT_EQ(Create(*client_, {.name = "b c"}).first, 17);
  EXPECT_EQ(
      Create(*client_, {.name = "b", .replication = 2}),
      std::pair(std::int16_t{38},
                std::string("replication factor 2: there is one node; give 1 or leave it out")));
  const auto [error, why] = Create(*client_, {.name = "b", .config = "retention.ms"});
  EXPECT_EQ(error, 40);
  EXPECT_EQ(why, "retention.ms is refused: this log keeps everything, nothing is deleted yet");
  EXPECT_FALSE(log_->FindTopic("b"));
}

TEST_F(KafkaApiTest, APolicyDecidesWhichTopicsMayBeMade) {
  api_->Stop(0);
  options_.may_create_topic = [](const std::string& name) -> Status {
    if (name != "table") return {};
    return Fail(ErrorCode::kInvalidArgument, "{} is a table", name);
  };
  Start();
  EXPECT_EQ(Create(*client_, {.name = "table"}),
            std::pair(std::int16_t{44}, std::string("table is a table")));
  EXPECT_EQ(MetadataOf(*client_, "table", true).first, 17);
  EXPECT_EQ(MetadataOf(*client_, "other", true).first, 0);
  EXPECT_FALSE(log_->FindTopic("table"));
}

TEST_F(KafkaApiTest, OneAddressMakesSomeTopicsAtOnceAndThenFewAndOthersMakeTheirs) {
  const auto name = [](int i) { return "t" + std::to_string(i); };
  const int burst = static_cast<int>(kTopicBurst);
  for (int i = 0; i < burst; ++i) ASSERT_EQ(Create(*client_, {.name = name(i)}).first, 0);
  const auto [error, why] = Create(*client_, {.name = "more"});
  EXPECT_EQ(error, 89);
  EXPECT_EQ(why, "one address may make 250 topics at once and then 12 a minute; try again later");
  EXPECT_EQ(MetadataOf(*client_, "more", true).first, 5) << "clients ask again";
  Client other(api_->address(), "127.0.0.2");
  EXPECT_EQ(Create(other, {.name = "others"}).first, 0);
  clock_.Advance(5'000'000);
  EXPECT_EQ(MetadataOf(*client_, "more", true).first, 0);
  EXPECT_EQ(Create(*client_, {.name = "again"}).first, 89);
}

TEST_F(KafkaApiTest, MakingTopicsByFirstUseCanBeSwitchedOff) {
  api_->Stop(0);
  options_.auto_create_topics = false;
  Start();
  EXPECT_EQ(MetadataOf(*client_, "new", true).first, 3);
  EXPECT_FALSE(log_->FindTopic("new"));
  EXPECT_EQ(Create(*client_, {.name = "new"}).first, 0) << "by request it is made";
}

TEST_F(KafkaApiTest, ALongNameIsNobodysAndAnsweredWithAnError) {
  const std::string name(32'000, 'n');
  EXPECT_EQ(Create(*client_, {.name = name}).first, 17);
  EXPECT_EQ(MetadataOf(*client_, name, true).first, 17);
  EXPECT_EQ(MetadataOf(*client_, name, false).first, 3);
  EXPECT_EQ(Produce(One(), name).error, 3);
}

// ListOffsets version 1 of partition 0 of "events": error, timestamp, offset.
std::tuple<std::int16_t, std::int64_t, std::int64_t> List(Client& client, std::int64_t timestamp) {
  Writer body;
  body.Int(std::int32_t{-1}).Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
  body.Int(std::int32_t{0}).Int(timestamp);
  const std::string answer = client.Call(2, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  in.String();
  in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  const auto error = in.Int<std::int16_t>();
  const auto found = in.Int<std::int64_t>();
  return {error, found, in.Int<std::int64_t>()};
}

TEST_F(KafkaApiTest, OffsetsAreListedByEndAndByTime) {
  Produce(log::testing::Batch({"a", "b"}));  // both at 1000 ms
  EXPECT_EQ(List(*client_, -1), std::tuple(0, -1, 2));
  EXPECT_EQ(List(*client_, -2), std::tuple(0, -1, 0));
  EXPECT_EQ(List(*client_, 1000), std::tuple(0, 1000, 0));
  EXPECT_EQ(List(*client_, 1001), std::tuple(0, -1, -1)) << "no such record is no error";
}

// The batch with its times in the header changed and its CRC made right.
std::string Claiming(std::string batch, std::int16_t attributes, std::int64_t max_time_ms) {
  record::SetCreateTimes(batch, max_time_ms);
  return With(batch, 21, (attributes << 16) | LoadBig<std::int16_t>(batch.substr(23)));
}

TEST_F(KafkaApiTest, TimesOfAHeaderAreThoseOfItsRecords) {
  for (const std::int64_t claimed : {0LL, 1LL << 62}) {
    for (const auto attributes : {std::int16_t{0}, std::int16_t{8}}) {
      ASSERT_EQ(Produce(Claiming(One(), attributes, claimed)).error, 0);
    }
  }
  const std::string stored = ReadFetched(client_->Call(1, 4, FetchBody({}))).records;
  EXPECT_EQ(stored, One() + Based(One(), 1) + Based(One(), 2) + Based(One(), 3));
  EXPECT_EQ(List(*client_, 1000), std::tuple(0, 1000, 0));
  EXPECT_EQ(List(*client_, 1001), std::tuple(0, -1, -1));
  std::string damaged = Claiming(One(), 0, 0);
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  EXPECT_EQ(Produce(damaged).error, 2) << "a wrong crc is not made right";
}

TEST_F(KafkaApiTest, ABatchWhoseTimesWereCorrectedIsRecognisedWhenItIsRepeated) {
  const std::string batch =
      Claiming(record::BuildBatch({{.value = "x", .timestamp_ms = 1000, .headers = {}}},
                                  {.id = 77, .epoch = 0, .sequence = 0}),
               0, 5);
  EXPECT_EQ(Produce(batch).offset, 0);
  EXPECT_EQ(Produce(batch), (Produced{0, 0, ""}));
}

TEST_F(KafkaApiTest, TransactionalAndControlBatchesAreRefused) {
  const auto refused = Produce(Claiming(One(), 16, 1000));
  EXPECT_EQ(refused.error, 53);
  EXPECT_EQ(refused.message,
            "transactions are not offered by this server: send without transactional.id");
  EXPECT_EQ(ProduceAll(*client_, {One(), Claiming(One(), 16, 1000)}),
            (std::vector<std::int16_t>{53, 53}));
  EXPECT_EQ(Produce(Claiming(One(), 32, 1000)).error, 87);
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""})) << "nothing of these was kept";
}

// InitProducerId version 0: error and id.
std::pair<std::int16_t, std::int64_t> Init(Client& client, const std::optional<std::string>& id) {
  Writer body;
  body.NullableString(id).Int(std::int32_t{1000});
  const std::string answer = client.Call(22, 0, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  const auto error = in.Int<std::int16_t>();
  return {error, in.Int<std::int64_t>()};
}

TEST_F(KafkaApiTest, EachProducerGetsAnIdAndTransactionsAreRefused) {
  const auto first = Init(*client_, std::nullopt);
  const auto second = Init(*client_, std::nullopt);
  EXPECT_EQ(first.first, 0);
  EXPECT_NE(first.second, second.second);
  EXPECT_EQ(Init(*client_, "tx"), std::pair(std::int16_t{53}, std::int64_t{-1}));
}

// DescribeConfigs version 1 of one resource, two settings asked for: error and "name=value".
std::pair<std::int16_t, std::vector<std::string>> Describe(Client& client, std::int8_t type,
                                                           const std::string& name) {
  Writer body;
  body.Int(std::int32_t{1}).Int(type).String(name);
  body.Int(std::int32_t{2}).String("retention.ms").String("num.partitions").Bool(false);
  const std::string answer = client.Call(32, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int32_t>(), 1);
  const auto error = in.Int<std::int16_t>();
  in.NullableString();
  EXPECT_EQ(in.Int<std::int8_t>(), type);
  EXPECT_EQ(in.String(), name);
  std::vector<std::string> settings;
  for (auto n = in.Int<std::int32_t>(); n > 0 && in.ok(); --n) {
    settings.emplace_back(in.String());
    settings.back() += "=" + std::string(in.String());
    in.Bool();
    in.Int<std::int8_t>();
    in.Bool();
    in.Int<std::int32_t>();
  }
  EXPECT_TRUE(in.ok());
  return {error, settings};
}

TEST_F(KafkaApiTest, SettingsOfATopicAndOfTheBrokerAreDescribed) {
  using Settings = std::vector<std::string>;
  EXPECT_EQ(Describe(*client_, 2, "events"),
            std::pair(std::int16_t{0}, Settings{"retention.ms=-1"}));
  EXPECT_EQ(Describe(*client_, 4, "1"), std::pair(std::int16_t{0}, Settings{"num.partitions=1"}));
  EXPECT_EQ(Describe(*client_, 2, "nowhere"), std::pair(std::int16_t{3}, Settings{}));
  EXPECT_EQ(Describe(*client_, 4, "2"), std::pair(std::int16_t{42}, Settings{}));
  EXPECT_EQ(Describe(*client_, 7, "events"), std::pair(std::int16_t{42}, Settings{}));
}

// What one limit allows another must hold.
TEST(KafkaLimits, Compose) {
  const auto budgets = net::ClientBudgets::ForProcess(nullptr);
  const auto& memory = budgets.memory->options();
  const auto large_share = std::min(memory.per_charge, memory.per_address - memory.per_address / 4);
  constexpr std::uint64_t kFetchBytes = kMaxFetchBytes;
  constexpr std::uint64_t kPartitions = kafka::kMaxRequestPartitions;
  EXPECT_LE(kMaxRequestBytes, large_share) << "the largest request is read";
  EXPECT_GT(kMaxRequestBytes, log::kMaxBatchBytes) << "and holds the largest batch";
  EXPECT_GE(kMaxRequestRecordBytes, log::kMaxBatchBytes) << "which may be of records as they are";
  EXPECT_LE(kFetchBytes + log::kMaxBatchBytes + kPartitions * kFetchedPartitionBytes, large_share)
      << "the largest answer to a fetch can be sent";
  EXPECT_LE(kPartitions * (kafka::kMaxTopicNameBytes + 64), kMaxPlainRequestBytes)
      << "a request of the most partitions, each of another topic, is read";
  EXPECT_GE(kafka::kMaxRequestPartitions, log::kMaxPartitions) << "a topic is fetched whole";
  EXPECT_GE(kafka::kMaxRequestTopics, log::kMaxTopics - log::kOwnTopics);
  EXPECT_LT(memory.per_address, log::LogOptions{}.max_queued_bytes)
      << "one client does not fill the log's queue";
}

}  // namespace
}  // namespace st::api
