#include "jobs/frames.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/coding.h"
#include "jobs/limits.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::jobs {
namespace {

constexpr std::size_t kPrefixBytes = 8;
constexpr std::size_t kReadBytes = 256U << 10;

// Returns 1 if the socket is ready, 0 if the timeout expired.
Result<int> WaitFor(int fd, short events, std::int64_t timeout_us) {
  pollfd wanted{fd, events, 0};
  const int timeout_ms =
      timeout_us < 0 ? -1
                     : static_cast<int>(std::min<std::int64_t>((timeout_us + 999) / 1000, 1 << 30));
  const int got = ::poll(&wanted, 1, timeout_ms);
  if (got < 0 && errno != EINTR) return std::unexpected(os::ErrorFromErrno(errno, "poll"));
  return got > 0 ? 1 : 0;
}

Error PeerGone(int error) {
  return Error(ErrorCode::kUnavailable,
               error == 0 ? "the other end closed the socket"
                          : fmt::format("the other end is gone: {}", std::strerror(error)));
}

Status SendAll(int fd, std::string_view bytes, std::int64_t timeout_us) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) return std::unexpected(PeerGone(errno));
    ST_TRY(const int ready, WaitFor(fd, POLLOUT, timeout_us));
    if (ready == 0) {
      return Fail(ErrorCode::kUnavailable, "the other end took no bytes for {} ms",
                  timeout_us / 1000);
    }
  }
  return {};
}

}  // namespace

Status SendFrame(int fd, const Frame& frame, std::int64_t timeout_us) {
  const std::string header =
      frame.header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (header.size() > kMaxHeaderBytes || frame.body.size() > kMaxBodyBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "a message of {} and {} bytes is over the limits of {} and {}", header.size(),
                frame.body.size(), kMaxHeaderBytes, kMaxBodyBytes);
  }
  std::string bytes;
  bytes.reserve(kPrefixBytes + header.size() + frame.body.size());
  AppendLittle(bytes, static_cast<std::uint32_t>(header.size()));
  AppendLittle(bytes, static_cast<std::uint32_t>(frame.body.size()));
  bytes += header;
  bytes += frame.body;
  return SendAll(fd, bytes, timeout_us);
}

Result<std::optional<Frame>> FrameReader::Receive(std::int64_t timeout_us) {
  const auto clock = os::MakeSystemClock();
  const std::int64_t deadline_us = timeout_us < 0 ? -1 : clock->MonotonicUs() + timeout_us;
  while (true) {
    if (buffer_.size() >= kPrefixBytes) {
      const std::string_view bytes = buffer_;
      const std::uint32_t header_bytes = LoadLittle<std::uint32_t>(bytes);
      const std::uint32_t body_bytes = LoadLittle<std::uint32_t>(bytes.substr(4));
      if (header_bytes > kMaxHeaderBytes || body_bytes > kMaxBodyBytes) {
        return Fail(ErrorCode::kCorruption,
                    "a message claims {} and {} bytes; the limits are {} and {}", header_bytes,
                    body_bytes, kMaxHeaderBytes, kMaxBodyBytes);
      }
      const std::size_t total = kPrefixBytes + header_bytes + body_bytes;
      if (bytes.size() >= total) {
        Frame frame;
        frame.header = nlohmann::json::parse(bytes.substr(kPrefixBytes, header_bytes), nullptr,
                                             /*allow_exceptions=*/false);
        frame.body = bytes.substr(kPrefixBytes + header_bytes, body_bytes);
        buffer_.erase(0, total);
        if (!frame.header.is_object()) {
          return Fail(ErrorCode::kCorruption, "a message of {} bytes is no JSON object",
                      header_bytes);
        }
        return frame;
      }
    }
    const std::int64_t left =
        deadline_us < 0 ? -1 : std::max<std::int64_t>(0, deadline_us - clock->MonotonicUs());
    ST_TRY(const int ready, WaitFor(fd_, POLLIN, left));
    if (ready == 0) {
      if (deadline_us >= 0 && clock->MonotonicUs() >= deadline_us) return std::nullopt;
      continue;
    }
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadBytes);
    const ssize_t n = ::recv(fd_, buffer_.data() + before, kReadBytes, 0);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) return std::unexpected(PeerGone(0));
    if (n < 0 && errno != EINTR && errno != EAGAIN) return std::unexpected(PeerGone(errno));
  }
}

}  // namespace st::jobs
