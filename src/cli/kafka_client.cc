#include "cli/kafka_client.h"

#include <poll.h>
#include <sys/socket.h>

#include "format/kafka/messages.h"
#include "format/kafka/wire.h"
#include "net/address.h"

namespace st::cli {
namespace {

constexpr std::int64_t kTimeoutUs = 10'000'000;
constexpr std::int32_t kTimeoutMs = 10'000;

Status Transfer(int fd, char* bytes, std::size_t n, bool sending) {
  while (n > 0) {
    pollfd wait{fd, static_cast<short>(sending ? POLLOUT : POLLIN), 0};
    if (::poll(&wait, 1, kTimeoutMs) <= 0) {
      return Fail(ErrorCode::kDeadline, "the server did not answer in {} ms", kTimeoutMs);
    }
    const ssize_t done = sending ? ::send(fd, bytes, n, MSG_NOSIGNAL) : ::recv(fd, bytes, n, 0);
    if (done <= 0) return Fail(ErrorCode::kIo, "the server closed the connection");
    bytes += done;
    n -= static_cast<std::size_t>(done);
  }
  return {};
}

}  // namespace

Result<KafkaClient> KafkaClient::Connect(const std::string& address) {
  ST_TRY(auto fd, net::Connect(address, kTimeoutUs));
  return KafkaClient(std::move(fd));
}

Result<std::string> KafkaClient::Call(std::int16_t key, std::int16_t version,
                                      const std::string& body) {
  kafka::Writer out;
  out.Int(key).Int(version).Int(std::int32_t{1}).String("steelthread");
  const std::string request = out.Take() + body;
  std::string frame;
  AppendBig(frame, static_cast<std::int32_t>(request.size()));
  frame += request;
  ST_TRY_STATUS(Transfer(fd_.get(), frame.data(), frame.size(), true));
  std::string head(8, '\0');
  ST_TRY_STATUS(Transfer(fd_.get(), head.data(), head.size(), false));
  const auto size = LoadBig<std::uint32_t>(head);
  constexpr std::uint32_t kMostBytes = 100 << 20;
  if (size < 4 || size > kMostBytes) return Fail(ErrorCode::kIo, "answer of {} bytes", size);
  std::string answer(size - 4, '\0');
  ST_TRY_STATUS(Transfer(fd_.get(), answer.data(), answer.size(), false));
  return answer;
}

Status KafkaClient::CreateTopic(const std::string& name, std::int32_t partitions,
                                std::int16_t replication) {
  kafka::Writer out;
  out.Int(std::int32_t{1}).String(name).Int(partitions).Int(replication);
  out.Int(std::int32_t{0}).Int(std::int32_t{0}).Int(kTimeoutMs).Bool(false);
  ST_TRY(const auto answer, Call(19, 2, out.Take()));
  kafka::Reader in(answer);
  in.Int<std::int32_t>();  // throttle
  in.ArrayLength(INT32_MAX);
  in.String();
  const auto code = static_cast<kafka::ErrorCode>(in.Int<std::int16_t>());
  const std::string why(in.String());
  if (!in.ok()) return Fail(ErrorCode::kIo, "the server's answer does not decode");
  if (code == kafka::ErrorCode::kNone) return {};
  return Fail(code == kafka::ErrorCode::kTopicAlreadyExists ? ErrorCode::kAlreadyExists
                                                            : ErrorCode::kInvalidArgument,
              "{}", why);
}

Result<std::vector<ListedTopic>> KafkaClient::Topics() {
  kafka::Writer all;
  all.Int(std::int32_t{-1});
  ST_TRY(const auto answer, Call(3, 1, all.Take()));
  kafka::Reader in(answer);
  for (auto n = in.ArrayLength(INT32_MAX); in.ok() && n > 0; --n) {
    in.Int<std::int32_t>();
    in.String();
    in.Int<std::int32_t>();
    in.NullableString();
  }
  in.Int<std::int32_t>();  // controller
  std::vector<ListedTopic> topics;
  for (auto n = in.ArrayLength(INT32_MAX); in.ok() && n > 0; --n) {
    in.Int<std::int16_t>();
    ListedTopic topic{std::string(in.String()), {}};
    in.Bool();
    for (auto m = in.ArrayLength(INT32_MAX); in.ok() && m > 0; --m) {
      in.Int<std::int16_t>();
      in.Int<std::int32_t>();
      in.Int<std::int32_t>();
      for (int lists = 0; lists < 2; ++lists) {
        for (auto k = in.ArrayLength(INT32_MAX); in.ok() && k > 0; --k) in.Int<std::int32_t>();
      }
      topic.ends.push_back(0);
    }
    topics.push_back(std::move(topic));
  }
  if (!in.ok()) return Fail(ErrorCode::kIo, "the server's answer does not decode");
  for (auto& topic : topics) {
    kafka::Writer ask;
    ask.Int(std::int32_t{-1}).Int(std::int32_t{1}).String(topic.name).ArrayLength(topic.ends);
    for (std::size_t p = 0; p < topic.ends.size(); ++p) {
      ask.Int(static_cast<std::int32_t>(p)).Int(std::int64_t{-1});
    }
    ST_TRY(const auto ends, Call(2, 1, ask.Take()));
    kafka::Reader list(ends);
    list.ArrayLength(INT32_MAX);
    list.String();
    for (auto n = list.ArrayLength(INT32_MAX); list.ok() && n > 0; --n) {
      const auto partition = static_cast<std::size_t>(list.Int<std::int32_t>());
      list.Int<std::int16_t>();
      list.Int<std::int64_t>();
      const auto end = list.Int<std::int64_t>();
      if (partition < topic.ends.size()) topic.ends[partition] = end;
    }
  }
  return topics;
}

Result<std::int64_t> KafkaClient::Produce(const std::string& topic, std::int32_t partition,
                                          const std::string& batch) {
  kafka::Writer out;
  out.NullableString(std::nullopt).Int(std::int16_t{-1}).Int(kTimeoutMs);
  out.Int(std::int32_t{1}).String(topic).Int(std::int32_t{1}).Int(partition).Bytes(batch);
  ST_TRY(const auto answer, Call(0, 3, out.Take()));
  kafka::Reader in(answer);
  in.ArrayLength(INT32_MAX);
  in.String();
  in.ArrayLength(INT32_MAX);
  in.Int<std::int32_t>();
  const auto code = in.Int<std::int16_t>();
  const auto offset = in.Int<std::int64_t>();
  if (!in.ok()) return Fail(ErrorCode::kIo, "the server's answer does not decode");
  if (code == 0) return offset;
  constexpr std::int16_t kTopicAuthorizationFailed = 29;
  if (code == kTopicAuthorizationFailed) {
    return Fail(ErrorCode::kInvalidArgument,
                "topic {} takes no records of clients: the server alone writes it", topic);
  }
  return Fail(ErrorCode::kInvalidArgument, "{}/{}: Kafka error {}", topic, partition, code);
}

Result<FetchedBatch> KafkaClient::Fetch(const std::string& topic, std::int32_t partition,
                                        std::int64_t offset, std::int32_t max_wait_ms) {
  constexpr std::int32_t kMostBytes = 8 << 20;
  kafka::Writer out;
  out.Int(std::int32_t{-1}).Int(max_wait_ms).Int(std::int32_t{1}).Int(kMostBytes).Bool(false);
  out.Int(std::int32_t{1}).String(topic).Int(std::int32_t{1});
  out.Int(partition).Int(offset).Int(kMostBytes);
  ST_TRY(const auto answer, Call(1, 4, out.Take()));
  kafka::Reader in(answer);
  in.Int<std::int32_t>();  // throttle
  in.ArrayLength(INT32_MAX);
  in.String();
  in.ArrayLength(INT32_MAX);
  in.Int<std::int32_t>();
  const auto code = in.Int<std::int16_t>();
  FetchedBatch batch{.high_watermark = in.Int<std::int64_t>(), .records = {}};
  in.Int<std::int64_t>();                                            // last stable offset
  for (auto n = in.ArrayLength(INT32_MAX); in.ok() && n > 0; --n) {  // aborted transactions
    in.Int<std::int64_t>();
    in.Int<std::int64_t>();
  }
  batch.records = in.NullableBytes().value_or("");
  if (!in.ok()) return Fail(ErrorCode::kIo, "the server's answer does not decode");
  if (code == 0) return batch;
  return Fail(ErrorCode::kInvalidArgument, "{}/{} at offset {}: Kafka error {}", topic, partition,
              offset, code);
}

}  // namespace st::cli
