// A blocking HTTP/1.1 client: one request a connection, over TCP or a Unix socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace st::net {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, already encoded
  // Beside Host (the endpoint, or "localhost" for a Unix socket, unless given), Content-Length and
  // Connection, which Fetch writes ("close"; an empty Connection here sends none).
  HttpHeaders headers;
  std::string body;
};

struct ClientReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  // First value of the header (any case), or "".
  std::string_view Header(std::string_view name) const;
};

struct FetchOptions {
  std::int64_t timeout_us = 30'000'000;  // for all of it, from connecting to the reply's last byte
  std::uint64_t max_body_bytes = 64 << 20;
};

// Sends `request` to `endpoint` ("127.0.0.1:8080", "[::1]:80", "localhost:80", "unix:/path.sock")
// and waits for the reply, of whatever status; does not follow redirects. An answer that the
// server sends before it has read the request (413) is returned too.
//
// Threads: safe from any; blocks the caller.
// Errors:  kInvalidArgument bad endpoint, or bytes that would break the head (nothing was sent);
//          kUnavailable nothing listens; kDeadline the reply was late, though the request may
//          have been carried out if it is not one that only reads; kOutcomeUnknown the connection
//          ended before the reply did; kCorruption the reply is not HTTP; kUnsupported it is larger
//          than `max_body_bytes`, or has a transfer coding but chunked.
Result<ClientReply> Fetch(const std::string& endpoint, const ClientRequest& request,
                          const FetchOptions& options = {});

}  // namespace st::net
