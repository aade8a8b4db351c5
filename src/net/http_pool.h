// An HTTP/1.1 client with many keep-alive connections to one server and one io thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_client.h"

namespace st::net {

struct PoolOptions {
  std::string endpoint;  // "127.0.0.1:5000"
  std::string name = "http-pool";
  std::uint32_t max_connections = 64;
  std::uint32_t max_waiting = 1'000'000;  // requests that wait for a connection
  std::int64_t timeout_us =
      30'000'000;  // of a request, from its first byte sent to the reply's end
  std::int64_t connect_timeout_us = 5'000'000;
  std::uint64_t max_body_bytes = 64 << 20;
};

// Sends each request over a free connection, a new one, or the next one that becomes free. A closed
// connection is replaced when one is needed, so a restart of the server fails only the requests in
// flight.
//
// Threads: Post and Stop from any; everything else on the io thread, where `done` runs.
// Errors:  of a request, as Fetch's: kUnavailable nothing listens, no connection in time, or
//          max_waiting wait (nothing was sent); kOutcomeUnknown the connection ended before the
//          reply did; kDeadline the reply was late.
// Limits:  PoolOptions; a reply's head kMaxFetchHeaderBytes.
class HttpPool {
 public:
  using Done = std::move_only_function<void(Result<ClientReply>)>;
  using Task = std::move_only_function<void()>;

  // kInvalidArgument: no address.
  static Result<std::unique_ptr<HttpPool>> Start(PoolOptions options);
  virtual ~HttpPool() = default;
  virtual void Send(ClientRequest request, Done done) = 0;
  virtual void RunAfter(std::int64_t delay_us, Task task) = 0;
  // The clock of RunAfter; it never goes back.
  virtual std::int64_t NowUs() = 0;
  // Runs `task` on the io thread; dropped once stopped.
  virtual void Post(Task task) = 0;
  // Closes all connections; waiting requests are dropped without an answer. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace st::net
