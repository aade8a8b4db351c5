// Frames on the socket pair: 4 bytes length of the JSON, 4 bytes length of the body (both little
// endian), the JSON, the body (raw bytes: a page of rows).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace st::jobs {

struct Frame {
  nlohmann::json header;
  std::string body;
};

// Writes all of it; kUnavailable when the other end is gone or takes nothing for `timeout_us`.
Status SendFrame(int fd, const Frame& frame, std::int64_t timeout_us);

// The next frame. nullopt: nothing (or not all of it) came within `timeout_us` (-1: for ever).
// kUnavailable: the other end is closed; kCorruption: lengths over the limits, or no JSON.
//
// Threads: one thread.
class FrameReader {
 public:
  explicit FrameReader(int fd = -1) : fd_(fd) {}
  Result<std::optional<Frame>> Receive(std::int64_t timeout_us);

 private:
  int fd_;
  std::string buffer_;
};

}  // namespace st::jobs
