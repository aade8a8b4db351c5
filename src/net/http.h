// Requests and responses of HTTP as plain structs, and how a handler answers. Beast and Asio stay
// in net.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::net {

// Names and values as sent by the client, in the order sent.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// First value of the header (any case), or "".
std::string_view FindHeader(const HttpHeaders& headers, std::string_view name);

// Who sends the requests of a connection. Every peer is this one until there are users.
inline constexpr std::string_view kLocalPrincipal = "local";

struct HttpRequest {
  std::string method;   // "GET", "HEAD", "POST", …
  std::string target;   // as sent: path and query, e.g. "/a?b=c"; or "http://host/a?b=c"
  std::string path;     // target up to '?' without scheme and authority, not decoded
  std::string query;    // after '?', without it; "" if none
  HttpHeaders headers;  // an authority in the target is the last header, Host, in place of others
  std::string body;
  std::string peer;       // "127.0.0.1:51234", or "unix"
  std::string local;      // address the client dialled, "127.0.0.1:5000", or "unix"
  std::string principal;  // kLocalPrincipal

  std::string_view Header(std::string_view name) const { return FindHeader(headers, name); }
};

// A body that is made while it is sent. The server asks for the next chunk when the client has
// taken the last one, so a slow client slows its source, and one chunk at a time is in memory.
// HTTP/1.1 gets chunked coding; to HTTP/1.0 the connection's close tells the end.
//
// Threads: Next and Finished on the connection's io thread, and must not block; `done` from any.
// Owner:   the server holds it until Finished. Where the connection is gone before the answer, it
//          may be released without a call.
// Limits:  kMaxStreamChunkBytes.
class HttpBodySource {
 public:
  // A chunk; no value: the body is whole. An error, or dropping it uncalled, cuts the answer: the
  // connection closes without the body's end, so that the client does not take a part for all.
  using ChunkDone = std::move_only_function<void(Result<std::optional<std::string>>)>;
  virtual ~HttpBodySource() = default;
  // Gives the next chunk to `done`, once, now or later. Not asked again before that.
  virtual void Next(ChunkDone done) = 0;
  // Nothing more is asked for; called once, last, also while a `done` is outstanding, which is then
  // ignored. `is_whole`: the body's end was sent. Otherwise the client has gone, takes nothing, or
  // the server stops. A client that ended its sending has gone once no chunk is there to send.
  virtual void Finished(bool is_whole) = 0;
  // The body may end after any chunk, as a stream of events does: when the server stops, it ends.
  // Other bodies are sent on for as long as Stop grants.
  virtual bool is_endless() const { return false; }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // In place of `body` where many answers share one body, which is not copied.
  std::shared_ptr<const std::string> shared_body = nullptr;
  // In place of `body` where it is made while it is sent.
  std::shared_ptr<HttpBodySource> source = nullptr;
  HttpHeaders headers;  // beside Content-Type, Content-Length, Date, Server, Connection
  // For HEAD the server sends the headers that GET would have, without the body.
  const std::string& content() const { return shared_body ? *shared_body : body; }
};

// ProblemJson (base/problem.h) as a response; `parameter` is the one at fault, or "".
HttpResponse Problem(int status, std::string_view code, std::string_view detail,
                     std::string_view parameter = {});

// Answers one request, exactly once, from any thread; dropping it unanswered answers 500.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;
  virtual void Send(HttpResponse response) = 0;
};

// Called on the connection's io thread; must not block.
using HttpHandler = std::function<void(HttpRequest, std::unique_ptr<HttpResponder>)>;
// Refuses a request before it is handled; nullopt: the request goes on.
using HttpGuard = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

}  // namespace st::net
