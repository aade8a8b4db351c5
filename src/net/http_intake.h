// Bytes of one HTTP connection to requests. Pure, total on hostile input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/http.h"
#include "net/http_message.h"
#include "net/limits.h"
#include "net/memory.h"

namespace st::net {

// Why a request is not taken; the connection ends with it.
struct HttpRefusal {
  int status = 400;
  std::string_view code;
  std::string detail;
};

// Takes requests off a connection's bytes, however they are cut into packets.
//
// The own policy, against requests that a proxy in front would read otherwise: besides what
// http_message.h refuses, HTTP/1.1 has exactly one well-formed Host and HTTP/1.0 at most one; a
// target is a path, "*" for OPTIONS, or an absolute http URI, whose authority then is the Host.
//
// Threads: owned by one thread.
// Limits:  the two given; kMaxHeaderFields, kMaxChunkLineBytes and others of limits.h.
// Errors:  none; what is wrong becomes kRefused, for good.
class HttpIntake {
 public:
  enum class State {
    kHead,     // more bytes are needed, of a head or of nothing yet
    kBody,     // more bytes are needed, of a body
    kReady,    // Take() gives the request
    kRefused,  // refusal() says why
  };
  struct Limits {
    std::uint64_t max_header_bytes;
    std::uint64_t max_body_bytes;
  };
  explicit HttpIntake(Limits limits) : limits_(limits) {}

  // Where to read to; never empty in kHead and kBody.
  std::span<char> Room();
  // `n` bytes arrived in Room().
  State Commit(std::size_t n);
  State state() const { return state_; }
  // What an answer has to know of its request.
  struct Traits {
    bool keep_alive = true;
    bool is_http10 = false;
    bool is_head = false;
  };
  struct Taken {
    HttpRequest request;  // peer and local are the caller's to fill
    Traits traits;
  };
  // Requires: kReady. Then goes on with the bytes that follow, see state().
  Taken Take();
  // Requires: kRefused.
  const HttpRefusal& refusal() const { return refusal_; }
  const Traits& refused_traits() const { return traits_; }

  // Memory of its buffer and of the body that was read.
  std::size_t memory_bytes() const { return buffer_.capacity() + request_.body.capacity(); }
  // The same beyond what each connection has at rest.
  std::size_t held_bytes() const {
    constexpr std::size_t kAtRest = 2 * kReadBufferBytes;
    return memory_bytes() - std::min(memory_bytes(), kAtRest);
  }
  // Gives up what came of a request, for good: the connection is to end.
  void Forget() {
    HttpRequest forgotten;
    std::swap(request_, forgotten);
    FreeMemory(buffer_);
    begin_ = end_ = 0;
  }

  // Bytes of a request that is not whole yet have come.
  bool is_within_request() const { return state_ == State::kBody || end_ > begin_; }
  // The client waits for "100 Continue" before it sends the body; true once a request.
  bool TakeExpectation();

 private:
  State Advance();
  State TakeHead();
  State TakeBody();
  State Refuse(int status, std::string_view code, std::string detail);
  bool ParseStartLine(std::string_view line);
  bool ParseTarget();
  bool CheckHeaders();
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  const Limits limits_;
  State state_ = State::kHead;
  std::string buffer_;  // bytes begin_ to end_ are unread
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  HeadScanner scanner_;
  HttpRequest request_;
  Framing framing_;
  ChunkDecoder chunks_;
  Traits traits_;
  bool expects_continue_ = false;
  HttpRefusal refusal_;
};

}  // namespace st::net
