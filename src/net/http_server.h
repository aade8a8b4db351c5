// HTTP/1.0 and 1.1 server behind the plain structs of http.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/result.h"
#include "net/budget.h"
#include "net/http.h"
#include "net/limits.h"

namespace st::net {

struct HttpLimits {
  std::uint64_t max_header_bytes = 32 << 10;        // 431 beyond
  std::uint64_t max_body_bytes = 1 << 20;           // 413 beyond
  std::uint32_t max_connections = kMaxConnections;  // beyond: 503 and close
  std::int64_t header_timeout_us = 10'000'000;      // 408 once bytes of a request came, else close
  std::int64_t body_timeout_us = 25'000'000;        // 408
  std::int64_t idle_timeout_us = 60'000'000;        // close
  std::int64_t write_timeout_us = 30'000'000;       // close
};

struct HttpOptions {
  // "127.0.0.1:5000", "[::1]:0", where port 0 takes a free one; or "unix:/path/to.sock": a file of
  // mode 0600, removed at the end, replaced at the start if nobody answers on it.
  std::string listen;
  std::string name;  // of the listener, for threads and metrics: "http", "sql"
  HttpLimits limits;
  int io_threads = 1;  // to kMaxIoThreads
  // Those of all listeners; empty: its own. A request or an answer that its client has no room for
  // is answered 503; what is above kUnchargedBytes is charged until the answer is taken.
  ClientBudgets budgets;
  MetricRegistry* metrics = nullptr;  // may be null
};

// A listening HTTP server. Each connection stays on one of its io threads.
//
// Threads: Start and Stop from one thread; the handler runs on the io thread of its connection, on
//          several at the same time where there are several.
// Errors:  kInvalidArgument bad address; kUnavailable port busy (message names the address).
// Limits:  HttpLimits; of streamed answers kMaxStreamChunkBytes.
// Metrics: steelthread_http_requests_total by listener and code; steelthread_http_streams and
//          steelthread_http_streams_cut_total by listener.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  static Result<std::unique_ptr<HttpServer>> Start(const HttpOptions& options,
                                                   const HttpHandler& handler);
  // "127.0.0.1:5000", with the port taken; "unix:/path/to.sock".
  virtual const std::string& address() const = 0;
  // Stops accepting, lets requests in hand be answered for at most `grace_us`, closes. Idempotent.
  virtual void Stop(std::int64_t grace_us) = 0;
};

}  // namespace st::net
