// A TCP server for length-prefixed frames (4 bytes big endian, then the frame): Kafka's transport.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/result.h"
#include "net/budget.h"
#include "net/limits.h"

namespace st::net {

// One accepted connection as the handler sees it.
struct FrameSession {
  std::string peer;   // "127.0.0.1:51234"
  std::string local;  // the address that the client dialled: "127.0.0.1:9092"
  std::any state;     // the adapter's own; touched on the io thread only
};

// Answers one frame, exactly once, from any thread. Answers leave in the order of the requests;
// an answer given early waits for those before it. Dropping it unanswered closes the connection.
class FrameResponder {
 public:
  virtual ~FrameResponder() = default;
  // Sends `payload` with its length before it.
  virtual void Send(std::string payload) = 0;
  // This request has no answer (Kafka produce with acks=0).
  virtual void SendNothing() = 0;
  // Closes the connection once earlier answers are out.
  virtual void Close() = 0;
  // From the handler, while it runs: no later frame of this connection is handed over until
  // Release, or until this request is answered.
  virtual void HoldBack() = 0;
  virtual void Release() = 0;  // from any thread
  // Runs `task` on the connection's io thread after `delay_us`, also if the connection has closed
  // or this request is answered; for long polls. Safe from any thread while the server lives;
  // dropped when it has stopped.
  virtual void RunAfter(std::int64_t delay_us, std::function<void()> task) = 0;
  // On the io thread: the largest answer that the connection's client may have now. One that is
  // larger when it is sent closes the connection.
  virtual std::uint64_t Room() const = 0;
  // On the io thread: reserves `bytes` of that for this answer, in place of its last reservation;
  // false where there is no such room. Answers that are built at the same time need it, since each
  // is charged only when it is sent.
  virtual bool Reserve(std::uint64_t bytes) = 0;
};

// Called on the connection's io thread, frame by frame in order of arrival, at the same time for
// connections of several threads; must not block. The next frame is handed over before this one is
// answered, up to max_pipelined, but for FrameOptions::is_pipelined. An exception closes the
// connection.
using FrameHandler =
    std::function<void(FrameSession&, std::string frame, std::unique_ptr<FrameResponder>)>;

struct FrameOptions {
  std::string listen;  // as HttpOptions::listen
  std::string name;
  int io_threads = 1;                        // to kMaxIoThreads
  std::uint64_t max_frame_bytes = 32 << 20;  // larger: the connection closes
  std::uint32_t max_pipelined = 64;          // beyond: reading pauses
  std::uint32_t max_connections = kMaxConnections;
  std::int64_t first_frame_timeout_us = kFirstFrameTimeoutUs;  // no frame yet: close
  std::int64_t frame_timeout_us = kFrameTimeoutUs;       // a frame that began is not whole: close
  std::int64_t idle_timeout_us = kFrameIdleTimeoutUs;    // without a request or an answer: close
  std::int64_t write_timeout_us = kFrameWriteTimeoutUs;  // too little of an answer taken: close
  // A frame for which this is false is handed over only when all answers before it are taken, and
  // the next frame only when its own answer is: so a client that reads nothing has one answer in
  // memory. Empty: true for all frames.
  std::function<bool(std::string_view frame)> is_pipelined;
  ClientBudgets budgets;  // those of all listeners; empty: its own
  MetricRegistry* metrics = nullptr;
};

// Limits: FrameOptions; the budgets. A frame is charged whole before it is read, and until its
// answer is taken: beyond its client's share its reading pauses, at most for frame_timeout_us.
// Metrics: steelthread_net_frames_total, steelthread_net_closed_total by reason.
// Threads, errors: as HttpServer.
class FrameServer {
 public:
  virtual ~FrameServer() = default;
  static Result<std::unique_ptr<FrameServer>> Start(FrameOptions options, FrameHandler handler);
  virtual const std::string& address() const = 0;
  virtual void Stop(std::int64_t grace_us) = 0;
  // Runs `task` on the first io thread after `delay_us`. Safe from any thread; dropped when the
  // server has stopped.
  virtual void RunAfter(std::int64_t delay_us, std::function<void()> task) = 0;
};

}  // namespace st::net
