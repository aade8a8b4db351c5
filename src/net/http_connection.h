// One connection of an HttpServer: reads requests, hands them over and writes their answers. For
// net alone.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http_intake.h"
#include "net/http_server.h"
#include "net/limits.h"
#include "net/server_core.h"
#include "net/stream.h"

namespace st::net {

// What the connections of one server share.
//
// Threads: the io thread, but for what is constant.
class HttpShared {
 public:
  HttpShared(const HttpOptions& options, HttpHandler http_handler);
  void CountAnswer(int status);
  void CountStreamBegin();
  void CountStreamEnd(bool is_whole);
  const std::string& Date();

  const HttpLimits limits;
  const HttpHandler handler;
  ServerCore* core = nullptr;
  // Where bytes go that nobody looks at, of any connection.
  std::vector<char> dropped = std::vector<char>(kBodyBufferBytes);

 private:
  std::array<Metric*, 5> by_class_{};
  Metric* streams_ = nullptr;
  Metric* cut_streams_ = nullptr;
  std::time_t date_second_ = -1;
  std::string date_;
};

// One request at a time: bytes that follow it wait in the intake until it is answered.
//
// Threads: the io thread.
// Owner:   `shared` must outlive it.
class HttpConnection final : public ServedConnection,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpShared& shared, std::unique_ptr<Stream> stream,
                 const ServerCore::Place& place);
  void Start() override;
  void Sweep(std::int64_t now_us) override;
  void Drain() override;
  void Close() override;
  bool IsExpendable() const override {
    return is_reading() || phase_ == Phase::kOverBudget || phase_ == Phase::kLingering;
  }
  void Answer(HttpResponse response);
  // The answer to HttpBodySource::Next.
  void TakeChunk(Result<std::optional<std::string>> chunk);

 private:
  enum class Phase {
    kNew,
    kIdle,
    kHead,
    kBody,
    kHandling,
    kOverBudget,  // refused for the memory of its client; the answer waits
    kWriting,     // out_ and body_ are on their way
    kAwaiting,    // the next chunk of source_
    kLingering,
    kClosed
  };
  void Enter(Phase phase, std::int64_t timeout_us);
  bool is_reading() const {
    return phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody;
  }
  void Next();
  void Continue();
  void EnterReading();
  void Read();
  void OnRead(boost::system::error_code error, std::size_t n);
  bool HasRoom();
  bool Recharge(std::uint64_t held);
  void Handle();
  void Refuse(const HttpResponse& response);
  void StopReading();
  void RefuseOverBudget();
  void Render(HttpResponse response);
  void Write(std::string out, std::shared_ptr<const std::string> body);
  void WriteSome();
  void OnWritten(std::size_t n);
  void AwaitChunk();
  void WriteChunk(std::string bytes);
  void EndStream();
  void ReleaseSource(bool is_whole);
  void Finish();
  void Linger();

  HttpShared& shared_;
  const ServerCore::Place place_;
  const std::unique_ptr<Stream> stream_;
  Charge charge_;
  HttpIntake intake_;
  HttpIntake::Traits traits_;
  std::string out_;  // a head or a chunk's size, and a short body or chunk
  std::shared_ptr<const std::string> body_;
  std::shared_ptr<HttpBodySource> source_;  // until its body ends
  std::size_t written_ = 0;
  std::size_t progress_bytes_ = 0;  // taken since the deadline was set
  std::uint64_t lingered_bytes_ = 0;
  std::uint64_t linger_limit_ = kMaxLingerBytes;
  Phase phase_ = Phase::kNew;
  std::int64_t deadline_us_ = 0;
  bool is_read_pending_ = false;  // into the intake
  bool has_client_ended_ = false;
  bool is_refused_ = false;
  bool is_draining_ = false;
};

}  // namespace st::net
