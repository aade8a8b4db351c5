#include "net/http_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/text.h"
#include "net/address.h"
#include "net/http_message.h"
#include "net/limits.h"

namespace st::net {
namespace {

using Clock = std::chrono::steady_clock;

bool IsTarget(std::string_view target) {
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
  return (target.starts_with('/') || target == "*") && std::ranges::all_of(target, is_plain);
}

Result<std::string> SerializeRequest(const std::string& endpoint, const ClientRequest& request) {
  if (!IsToken(request.method) || !IsTarget(request.target)) {
    return Fail(ErrorCode::kInvalidArgument,
                "request '{} {}': want a method such as GET and a target that starts with / and "
                "has no blanks (percent-encode them)",
                request.method, request.target);
  }
  auto out = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  const auto is_host = [](const auto& field) { return EqualsIgnoreCase(field.first, "Host"); };
  if (std::ranges::none_of(request.headers, is_host)) {
    out += fmt::format("Host: {}\r\n", UnixPath(endpoint) ? "localhost" : endpoint);
  }
  for (const auto& [name, value] : request.headers) {
    if (value.empty() && EqualsIgnoreCase(name, "Connection")) continue;
    if (!IsToken(name) || !IsFieldValue(value)) {
      return Fail(ErrorCode::kInvalidArgument, "header '{}' has a byte that headers have not",
                  name);
    }
    out += fmt::format("{}: {}\r\n", name, value);
  }
  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  if (may_have_body || !request.body.empty()) {
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  // "Connection: " in the request leaves the header out, as most clients do.
  const auto is_connection = [](const auto& field) {
    return EqualsIgnoreCase(field.first, "Connection");
  };
  if (std::ranges::none_of(request.headers, is_connection)) out += "Connection: close\r\n";
  return out + "\r\n" + request.body;
}

// The reply from its first byte to its last.
class ReplyReader {
 public:
  ReplyReader(const std::string& endpoint, bool is_head, std::uint64_t max_body_bytes)
      : endpoint_(endpoint), is_head_(is_head), max_body_bytes_(max_body_bytes) {}

  // Takes bytes as they arrive; true when the reply is whole.
  Result<bool> Take(std::string_view bytes) {
    buffer_ += bytes;
    while (!has_head_) {
      auto size = scanner_.Scan(buffer_);
      if (!size) return Bad(size.error());
      if (buffer_.size() > kMaxFetchHeaderBytes &&
          size->value_or(buffer_.size()) == buffer_.size()) {
        return Fail(ErrorCode::kUnsupported, "reply of {}: its head is larger than {} bytes",
                    endpoint_, kMaxFetchHeaderBytes);
      }
      if (!*size) return false;
      ST_TRY_STATUS(ParseHead(std::string_view(buffer_).substr(scanner_.skip(), **size)));
      buffer_.erase(0, **size);
      scanner_ = {};
    }
    return TakeBody();
  }

  // The server closed. True when that was the end of the reply.
  Result<bool> TakeEnd() {
    if (has_head_ && ends_with_close_) return true;
    return Fail(ErrorCode::kOutcomeUnknown, "{} closed the connection before its reply was whole",
                endpoint_);
  }

  ClientReply& reply() { return reply_; }

 private:
  std::unexpected<Error> Bad(const Error& error) const {
    const auto code =
        error.code() == ErrorCode::kUnsupported ? error.code() : ErrorCode::kCorruption;
    return Fail(code, "the reply of {} is not HTTP/1.1 as we speak it: {}", endpoint_,
                error.message());
  }

  Status ParseHead(std::string_view head) {
    const auto line = TakeLine(head);
    const auto code = ParseInt64(line.size() >= 12 ? line.substr(9, 3) : "");
    const bool is_status = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ' &&
                           (line.size() == 12 || line[12] == ' ');
    if (!is_status || !code || *code < 100) {
      return Bad(Error(ErrorCode::kCorruption, "no status line"));
    }
    auto headers = ParseFields(head);
    if (!headers) return Bad(headers.error());
    if (*code < 200 && *code != 101) return {};  // interim; the reply is still to come
    auto framing = ParseFraming(*headers, line[7] == '0');
    if (!framing) return Bad(framing.error());
    framing_ = *framing;
    if (is_head_ || *code == 204 || *code == 304) framing_ = {.length = 0};
    if (framing_.length.value_or(0) > max_body_bytes_) return TooLarge();
    ends_with_close_ = !framing_.is_chunked && !framing_.length;
    reply_.status = static_cast<int>(*code);
    reply_.headers = std::move(*headers);
    has_head_ = true;
    return {};
  }

  Result<bool> TakeBody() {
    if (framing_.is_chunked) {
      auto used = chunks_.Decode(buffer_, max_body_bytes_, reply_.body);
      if (!used) return Bad(used.error());
      buffer_.erase(0, *used);
      if (reply_.body.size() > max_body_bytes_) ST_TRY_STATUS(TooLarge());
      return chunks_.is_done();
    }
    reply_.body += buffer_;
    buffer_.clear();
    if (framing_.length && reply_.body.size() >= *framing_.length) {
      reply_.body.resize(*framing_.length);
      return true;
    }
    if (reply_.body.size() > max_body_bytes_) ST_TRY_STATUS(TooLarge());
    return false;
  }

  Status TooLarge() const {
    return Fail(ErrorCode::kUnsupported, "the reply of {} is larger than {} bytes", endpoint_,
                max_body_bytes_);
  }

  const std::string& endpoint_;
  const bool is_head_;
  const std::uint64_t max_body_bytes_;
  std::string buffer_;
  HeadScanner scanner_;
  bool has_head_ = false;
  bool ends_with_close_ = false;
  Framing framing_;
  ChunkDecoder chunks_;
  ClientReply reply_;
};

// One exchange over a connected socket.
class Exchange {
 public:
  Exchange(int fd, std::string_view bytes, ReplyReader& reader, Clock::time_point deadline)
      : fd_(fd), unsent_(bytes), reader_(reader), deadline_(deadline) {}

  Status Run(const std::string& endpoint) {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
      const auto wait_ms = std::clamp<std::int64_t>(left.count(), 0, 1 << 30);
      const short events = static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
      pollfd wait{.fd = fd_, .events = events, .revents = 0};
      const int ready = ::poll(&wait, 1, static_cast<int>(wait_ms));
      if (ready < 0 && errno != EINTR) {
        return std::unexpected(os::ErrorFromErrno(errno, "waiting for " + endpoint));
      }
      if (ready == 0 && wait_ms == 0) {
        return Fail(ErrorCode::kDeadline, "no whole reply of {} in time", endpoint);
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
      unsent_ = {};  // it takes no more; it may have said why
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
  Clock::time_point deadline_;
  std::array<char, 16 << 10> part_{};
};

}  // namespace

std::string_view ClientReply::Header(std::string_view name) const {
  return FindHeader(headers, name);
}

Result<ClientReply> Fetch(const std::string& endpoint, const ClientRequest& request,
                          const FetchOptions& options) {
  ST_TRY(const auto bytes, SerializeRequest(endpoint, request));
  const auto deadline = Clock::now() + std::chrono::microseconds(options.timeout_us);
  ST_TRY(const auto fd, Connect(endpoint, options.timeout_us));
  ReplyReader reader(endpoint, request.method == "HEAD", options.max_body_bytes);
  ST_TRY_STATUS(Exchange(fd.get(), bytes, reader, deadline).Run(endpoint));
  return std::move(reader.reply());
}

}  // namespace st::net
