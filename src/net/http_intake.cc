#include "net/http_intake.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/check.h"
#include "base/text.h"
#include "net/address.h"
#include "net/limits.h"

namespace st::net {
namespace {

bool IsTargetByte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u != 0x7f;
}

// The text after "http://" or "https://"; none if `target` has another form.
std::optional<std::string_view> AfterScheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) {
      return target.substr(scheme.size());
    }
  }
  return std::nullopt;
}

// Makes room in steps that double, but never for more than the body's whole length.
void GrowTo(std::uint64_t size, std::uint64_t length, std::string& body) {
  if (size <= body.capacity()) return;
  std::string larger;
  larger.reserve(std::min(length, 2 * size));
  larger += body;
  body = std::move(larger);
}

}  // namespace

std::span<char> HttpIntake::Room() {
  if (begin_ == end_) begin_ = end_ = 0;
  const bool is_at_rest = state_ == State::kHead && end_ == 0;
  if (is_at_rest && buffer_.size() > kReadBufferBytes) FreeMemory(buffer_);
  if (state_ == State::kBody && end_ == 0) {
    const std::uint64_t missing =
        framing_.is_chunked ? kBodyBufferBytes : *framing_.length - request_.body.size();
    buffer_.resize(std::clamp<std::uint64_t>(missing, kReadBufferBytes, kBodyBufferBytes));
  }
  if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  if (end_ == buffer_.size()) {
    buffer_.resize(std::max(kReadBufferBytes, 2 * buffer_.size()));
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

HttpIntake::State HttpIntake::Commit(std::size_t n) {
  ST_CHECK(n <= buffer_.size() - end_);
  end_ += n;
  return Advance();
}

HttpIntake::Taken HttpIntake::Take() {
  ST_CHECK(state_ == State::kReady);
  Taken taken{.request = std::exchange(request_, {}), .traits = std::exchange(traits_, {})};
  scanner_ = {};
  chunks_ = {};
  framing_ = {};
  expects_continue_ = false;
  state_ = State::kHead;
  Advance();
  return taken;
}

bool HttpIntake::TakeExpectation() {
  return std::exchange(expects_continue_, false) && state_ == State::kBody && begin_ == end_ &&
         request_.body.empty();
}

HttpIntake::State HttpIntake::Advance() {
  if (state_ == State::kHead) TakeHead();
  if (state_ == State::kBody) TakeBody();
  return state_;
}

HttpIntake::State HttpIntake::Refuse(int status, std::string_view code, std::string detail) {
  refusal_ = {.status = status, .code = code, .detail = std::move(detail)};
  traits_.keep_alive = false;
  return state_ = State::kRefused;
}

HttpIntake::State HttpIntake::TakeHead() {
  const auto size = scanner_.Scan(unread());
  if (!size) return Refuse(400, "malformed_request", size.error().message());
  if (size->value_or(unread().size()) > limits_.max_header_bytes) {
    return Refuse(
        431, "header_too_large",
        fmt::format("the request's header is larger than {} bytes", limits_.max_header_bytes));
  }
  if (!*size) return state_;
  auto head = unread().substr(0, **size);
  head.remove_prefix(scanner_.skip());
  if (!ParseStartLine(TakeLine(head))) return state_;
  auto headers = ParseFields(head);
  if (!headers) {
    const bool is_long = headers.error().code() == ErrorCode::kUnsupported;
    return Refuse(is_long ? 431 : 400, is_long ? "header_too_large" : "malformed_request",
                  headers.error().message());
  }
  request_.headers = std::move(*headers);
  begin_ += **size;
  if (!ParseTarget() || !CheckHeaders()) return state_;
  if (!authority_.empty()) SetHost(std::exchange(authority_, {}));
  const bool has_body = framing_.is_chunked || framing_.length.value_or(0) > 0;
  return state_ = has_body ? State::kBody : State::kReady;
}

bool HttpIntake::ParseStartLine(std::string_view line) {
  const auto after_method = line.find(' ');
  const auto before_version = line.rfind(' ');
  const auto method = line.substr(0, after_method);
  if (after_method == before_version || !IsToken(method)) {
    Refuse(400, "malformed_request", "the request line is not 'METHOD target HTTP/1.1'");
    return false;
  }
  const auto target = line.substr(after_method + 1, before_version - after_method - 1);
  const auto version = line.substr(before_version + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !IsDigit(version[5]) ||
      version[6] != '.' || !IsDigit(version[7]) || !std::ranges::all_of(target, IsTargetByte)) {
    Refuse(400, "malformed_request", "the request line is not 'METHOD target HTTP/1.1'");
    return false;
  }
  traits_.is_head = method == "HEAD";
  traits_.is_http10 = version == "HTTP/1.0";
  if (version != "HTTP/1.1" && !traits_.is_http10) {
    Refuse(505, "http_version", "the server supports HTTP/1.0 and HTTP/1.1 only");
    return false;
  }
  request_.method = method;
  request_.target = target;
  return true;
}

// RFC 9112, 3.2 and 3.3.
bool HttpIntake::ParseTarget() {
  std::string_view rest = request_.target;
  const auto absolute = AfterScheme(rest);
  if (absolute) {
    const auto authority = absolute->substr(0, absolute->find_first_of("/?"));
    if (authority.empty() || !HostOf(authority)) {
      Refuse(400, "bad_target", "the target's host is malformed");
      return false;
    }
    rest = absolute->substr(authority.size());
    authority_ = authority;
  } else if (!rest.starts_with('/') && !(rest == "*" && request_.method == "OPTIONS")) {
    Refuse(400, "bad_target", "the target is neither a path nor an http URI");
    return false;
  }
  const auto question = rest.find('?');
  request_.path = rest.substr(0, question);
  if (question != std::string_view::npos) request_.query = rest.substr(question + 1);
  if (request_.path.empty()) request_.path = "/";
  return true;
}

// The Host that was sent was checked like any other (RFC 9112, 3.2.2).
void HttpIntake::SetHost(std::string authority) {
  std::erase_if(request_.headers, [](const auto& h) { return EqualsIgnoreCase(h.first, "Host"); });
  request_.headers.emplace_back("Host", std::move(authority));
}

bool HttpIntake::CheckHeaders() {
  std::size_t hosts = 0;
  bool is_host_good = true;
  bool asks_to_close = false;
  bool asks_to_stay = false;
  std::string_view expectation;
  for (const auto& [name, value] : request_.headers) {
    if (EqualsIgnoreCase(name, "Host")) {
      ++hosts;
      is_host_good = HostOf(value).has_value();
    } else if (EqualsIgnoreCase(name, "Connection")) {
      asks_to_close |= HasListToken(value, "close");
      asks_to_stay |= HasListToken(value, "keep-alive");
    } else if (EqualsIgnoreCase(name, "Expect")) {
      expectation = value;
    }
  }
  if (hosts > 1 || (hosts == 0 && !traits_.is_http10) || !is_host_good) {
    Refuse(400, "bad_host",
           "HTTP/1.1 takes exactly one Host header, a name or address, "
           "and a port up to 65535");
    return false;
  }
  const auto framing = ParseFraming(request_.headers, traits_.is_http10);
  if (!framing) {
    const bool is_unknown = framing.error().code() == ErrorCode::kUnsupported;
    Refuse(is_unknown ? 501 : 400, is_unknown ? "transfer_coding" : "malformed_request",
           framing.error().message());
    return false;
  }
  framing_ = *framing;
  if (framing_.length.value_or(0) > limits_.max_body_bytes) {
    Refuse(413, "body_too_large",
           fmt::format("the request's body is larger than {} bytes", limits_.max_body_bytes));
    return false;
  }
  traits_.keep_alive = traits_.is_http10 ? asks_to_stay && !asks_to_close : !asks_to_close;
  if (expectation.empty() || traits_.is_http10) return true;
  if (!EqualsIgnoreCase(expectation, "100-continue")) {
    Refuse(417, "expectation", "the server supports only 'Expect: 100-continue'");
    return false;
  }
  expects_continue_ = true;
  return true;
}

HttpIntake::State HttpIntake::TakeBody() {
  if (framing_.is_chunked) {
    const auto used = chunks_.Decode(unread(), limits_.max_body_bytes, request_.body);
    if (!used) return Refuse(400, "malformed_request", used.error().message());
    begin_ += *used;
    if (request_.body.size() > limits_.max_body_bytes) {
      return Refuse(
          413, "body_too_large",
          fmt::format("the request's body is larger than {} bytes", limits_.max_body_bytes));
    }
    return state_ = chunks_.is_done() ? State::kReady : State::kBody;
  }
  const std::uint64_t missing = *framing_.length - request_.body.size();
  const auto n = std::min<std::uint64_t>(missing, unread().size());
  GrowTo(request_.body.size() + n, *framing_.length, request_.body);
  request_.body += unread().substr(0, n);
  begin_ += n;
  return state_ = n == missing ? State::kReady : State::kBody;
}

}  // namespace st::net
