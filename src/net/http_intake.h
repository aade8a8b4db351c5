// Parses the bytes of one HTTP connection into requests. Pure, total on hostile input.
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

// The refusal of a request, after which the connection ends.
struct HttpRefusal {
  int status = 400;
  std::string_view code;
  std::string detail;
};

// Parses requests from a connection's bytes, however they are split into packets.
//
// Policy against requests that a proxy in front would read otherwise: besides the rules of
// http_message.h, HTTP/1.1 has exactly one well-formed Host and HTTP/1.0 at most one; a
// target is a path, "*" for OPTIONS, or an absolute http URI, whose authority then is the Host.
//
// Threads: owned by one thread.
// Limits:  the two given; kMaxHeaderFields, kMaxChunkLineBytes and others of limits.h.
// Errors:  none; a bad request gives kRefused, which is final.
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
  // The properties of a request that its answer needs.
  struct Traits {
    bool keep_alive = true;
    bool is_http10 = false;
    bool is_head = false;
  };
  struct Taken {
    HttpRequest request;  // peer, local and principal are the caller's to fill
    Traits traits;
  };
  // Requires: kReady. Then goes on with the bytes that follow, see state().
  Taken Take();
  // Requires: kRefused.
  const HttpRefusal& refusal() const { return refusal_; }
  const Traits& refused_traits() const { return traits_; }

  // Memory of the buffer and of the body read so far.
  std::size_t memory_bytes() const { return buffer_.capacity() + request_.body.capacity(); }
  // The same without the memory that each idle connection has.
  std::size_t held_bytes() const {
    constexpr std::size_t kAtRest = 2 * kReadBufferBytes;
    return memory_bytes() - std::min(memory_bytes(), kAtRest);
  }
  // Drops an incomplete request, for good: the connection must end.
  void Forget() {
    HttpRequest forgotten;
    std::swap(request_, forgotten);
    FreeMemory(buffer_);
    begin_ = end_ = 0;
  }

  // Bytes of an incomplete request have arrived.
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
  void SetHost(std::string authority);
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }

  const Limits limits_;
  State state_ = State::kHead;
  std::string buffer_;  // bytes begin_ to end_ are unread
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  HeadScanner scanner_;
  HttpRequest request_;
  std::string authority_;  // of the target, until it is the Host
  Framing framing_;
  ChunkDecoder chunks_;
  Traits traits_;
  bool expects_continue_ = false;
  HttpRefusal refusal_;
};

}  // namespace st::net
