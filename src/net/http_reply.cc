#include "net/http_reply.h"

#include <algorithm>

#include "base/text.h"
#include "net/address.h"
#include "net/limits.h"

namespace st::net {
namespace {

bool IsTarget(std::string_view target) {
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
  return (target.starts_with('/') || target == "*") && std::ranges::all_of(target, is_plain);
}

}  // namespace

Result<std::string> SerializeRequest(const std::string& endpoint, const ClientRequest& request,
                                     bool closes) {
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
      return Fail(ErrorCode::kInvalidArgument, "header '{}' has a byte that no header may have",
                  name);
    }
    out += fmt::format("{}: {}\r\n", name, value);
  }
  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  if (may_have_body || !request.body.empty()) {
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  // A Connection header in the request replaces ours: most clients send none.
  const auto is_connection = [](const auto& field) {
    return EqualsIgnoreCase(field.first, "Connection");
  };
  if (closes && std::ranges::none_of(request.headers, is_connection)) {
    out += "Connection: close\r\n";
  }
  return out + "\r\n" + request.body;
}

Result<bool> ReplyReader::Take(std::string_view bytes) {
  buffer_ += bytes;
  while (!has_head_) {
    auto size = scanner_.Scan(buffer_);
    if (!size) return Bad(size.error());
    if (buffer_.size() > kMaxFetchHeaderBytes && size->value_or(buffer_.size()) == buffer_.size()) {
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

Result<bool> ReplyReader::TakeEnd() {
  if (has_head_ && ends_with_close_) return true;
  return Fail(ErrorCode::kOutcomeUnknown, "{} closed the connection before its reply was whole",
              endpoint_);
}

std::unexpected<Error> ReplyReader::Bad(const Error& error) const {
  const auto code = error.code() == ErrorCode::kUnsupported ? error.code() : ErrorCode::kCorruption;
  return Fail(code, "the reply of {} is not valid HTTP/1.1: {}", endpoint_, error.message());
}

Status ReplyReader::ParseHead(std::string_view head) {
  const auto line = TakeLine(head);
  const auto code = ParseInt64(line.size() >= 12 ? line.substr(9, 3) : "");
  const bool is_status = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ' &&
                         (line.size() == 12 || line[12] == ' ');
  if (!is_status || !code || *code < 100) {
    return Bad(Error(ErrorCode::kCorruption, "no status line"));
  }
  auto headers = ParseFields(head);
  if (!headers) return Bad(headers.error());
  if (*code < 200 && *code != 101) return {};  // an interim reply; the final one follows
  auto framing = ParseFraming(*headers, line[7] == '0');
  if (!framing) return Bad(framing.error());
  framing_ = *framing;
  if (is_head_ || *code == 204 || *code == 304) framing_ = {.length = 0};
  if (framing_.length.value_or(0) > max_body_bytes_) return TooLarge();
  ends_with_close_ = !framing_.is_chunked && !framing_.length;
  const auto connection = FindHeader(*headers, "Connection");
  keep_alive_ = !ends_with_close_ && (line[7] == '0' ? HasListToken(connection, "keep-alive")
                                                     : !HasListToken(connection, "close"));
  reply_.status = static_cast<int>(*code);
  reply_.headers = std::move(*headers);
  has_head_ = true;
  return {};
}

Result<bool> ReplyReader::TakeBody() {
  if (framing_.is_chunked) {
    auto used = chunks_.Decode(buffer_, max_body_bytes_, reply_.body);
    if (!used) return Bad(used.error());
    buffer_.erase(0, *used);
    if (reply_.body.size() > max_body_bytes_) ST_TRY_STATUS(TooLarge());
    keep_alive_ = keep_alive_ && (!chunks_.is_done() || buffer_.empty());
    return chunks_.is_done();
  }
  reply_.body += buffer_;
  buffer_.clear();
  if (framing_.length && reply_.body.size() >= *framing_.length) {
    keep_alive_ = keep_alive_ && reply_.body.size() == *framing_.length;
    reply_.body.resize(*framing_.length);
    return true;
  }
  if (reply_.body.size() > max_body_bytes_) ST_TRY_STATUS(TooLarge());
  return false;
}

Status ReplyReader::TooLarge() const {
  return Fail(ErrorCode::kUnsupported, "the reply of {} is larger than {} bytes", endpoint_,
              max_body_bytes_);
}

}  // namespace st::net
