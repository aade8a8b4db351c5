#include "net/http_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/address.h"
#include "net/http_reply.h"
#include "os/system_time.h"

namespace st::net {
namespace {

// One exchange over a connected socket.
class Exchange {
 public:
  Exchange(int fd, std::string_view bytes, ReplyReader& reader, std::int64_t deadline_us)
      : fd_(fd), unsent_(bytes), reader_(reader), deadline_us_(deadline_us) {}

  Status Run(const std::string& endpoint) {
    while (true) {
      const std::int64_t left_us = deadline_us_ - os::SystemMonotonicUs();
      const auto wait_ms = std::clamp<std::int64_t>((left_us + 999) / 1000, 0, 1 << 30);
      const short events = static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
      pollfd wait{.fd = fd_, .events = events, .revents = 0};
      const int ready = ::poll(&wait, 1, static_cast<int>(wait_ms));
      if (ready < 0 && errno != EINTR) {
        return std::unexpected(os::ErrorFromErrno(errno, "waiting for " + endpoint));
      }
      if (ready == 0 && wait_ms == 0) {
        return Fail(ErrorCode::kDeadline, "{} sent no complete reply in time", endpoint);
      }
      if (ready <= 0) continue;
      if ((wait.revents & POLLOUT) != 0) Send();
      ST_TRY(const bool is_whole, Receive());
      if (is_whole) return {};
    }
  }

 private:
  void Send() {
    const ssize_t sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      unsent_.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      unsent_ = {};  // the server stopped reading; its reply may say why
    }
  }

  Result<bool> Receive() {
    const ssize_t n = ::recv(fd_, part_.data(), part_.size(), 0);
    if (n > 0) return reader_.Take({part_.data(), static_cast<std::size_t>(n)});
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    return reader_.TakeEnd();
  }

  int fd_;
  std::string_view unsent_;
  ReplyReader& reader_;
  const std::int64_t deadline_us_;
  std::array<char, 16 << 10> part_{};
};

}  // namespace

std::string_view ClientReply::Header(std::string_view name) const {
  return FindHeader(headers, name);
}

Result<ClientReply> Fetch(const std::string& endpoint, const ClientRequest& request,
                          const FetchOptions& options) {
  ST_TRY(const auto bytes, SerializeRequest(endpoint, request, true));
  const std::int64_t deadline_us = os::SystemMonotonicUs() + options.timeout_us;
  ST_TRY(const auto fd, Connect(endpoint, options.timeout_us));
  ReplyReader reader(endpoint, request.method == "HEAD", options.max_body_bytes);
  ST_TRY_STATUS(Exchange(fd.get(), bytes, reader, deadline_us).Run(endpoint));
  return std::move(reader.reply());
}

}  // namespace st::net
