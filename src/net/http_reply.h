// The client's side of HTTP/1.1: a request as bytes, a reply from bytes. For net alone. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_client.h"
#include "net/http_message.h"

namespace st::net {

// Host and Content-Length are added where they lack, "Connection: close" if the request `closes`.
// Errors: kInvalidArgument bytes that would break the head.
Result<std::string> SerializeRequest(const std::string& endpoint, const ClientRequest& request,
                                     bool closes);

// One reply from its first byte to its last. Total on hostile input.
//
// Owner:  `endpoint` must outlive it.
// Errors: kCorruption not HTTP; kUnsupported too large, or a transfer coding but chunked;
//         kOutcomeUnknown it ended too early.
class ReplyReader {
 public:
  ReplyReader(const std::string& endpoint, bool is_head, std::uint64_t max_body_bytes)
      : endpoint_(endpoint), is_head_(is_head), max_body_bytes_(max_body_bytes) {}

  // Takes bytes as they arrive; true when the reply is whole.
  Result<bool> Take(std::string_view bytes);
  // The server closed the connection. True if the reply ended with that.
  Result<bool> TakeEnd();
  ClientReply& reply() { return reply_; }
  // Requires: the reply is whole. Whether the connection takes another request.
  bool keep_alive() const { return keep_alive_; }

 private:
  std::unexpected<Error> Bad(const Error& error) const;
  Status ParseHead(std::string_view head);
  Result<bool> TakeBody();
  Status TooLarge() const;

  const std::string& endpoint_;
  const bool is_head_;
  const std::uint64_t max_body_bytes_;
  std::string buffer_;
  HeadScanner scanner_;
  bool has_head_ = false;
  bool ends_with_close_ = false;
  bool keep_alive_ = false;
  Framing framing_;
  ChunkDecoder chunks_;
  ClientReply reply_;
};

}  // namespace st::net
