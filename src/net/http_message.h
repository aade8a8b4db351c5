// The common parts of HTTP/1 requests and replies: field lines, framing, chunks. Pure.
//
// Strict where leniency would let requests be smuggled past a proxy (RFC 9112, 2.2, 5 and 11.2):
// lines end in CR LF, no folded lines, no space before a colon, no control bytes, one meaning of
// length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace st::net {

// True for a non-empty RFC 9110 token, such as a method or a field name.
bool IsToken(std::string_view text);
// True for a field value without control bytes but the tab.
bool IsFieldValue(std::string_view text);
// True if `list`, separated by commas, has `token` (any case).
bool HasListToken(std::string_view list, std::string_view token);

// Finds the end of a head that arrives in pieces.
class HeadScanner {
 public:
  // Scans `bytes`, of which an earlier call saw a prefix. The head's size with its blank line, or
  // none yet. Empty lines before the start line are counted in `skip()`.
  // Errors: kInvalidArgument a line ends in LF without CR.
  Result<std::optional<std::size_t>> Scan(std::string_view bytes);
  // Bytes before the start line.
  std::size_t skip() const { return skip_; }

 private:
  std::size_t seen_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t skip_ = 0;
};

// Takes the first line, without its CR LF, off `head`.
std::string_view TakeLine(std::string_view& head);
// `name: value`, the value trimmed.
// Errors: kInvalidArgument.
Result<std::pair<std::string_view, std::string_view>> ParseField(std::string_view line);
// Field lines up to the blank line or the end.
// Errors: kInvalidArgument; kUnsupported more than kMaxHeaderFields.
Result<HttpHeaders> ParseFields(std::string_view lines);

// The framing of a body.
struct Framing {
  bool is_chunked = false;
  std::optional<std::uint64_t> length;  // neither: none in a request, up to the close in a reply
};
// Errors: kInvalidArgument anything ambiguous; kUnsupported a transfer coding beside chunked.
Result<Framing> ParseFraming(const HttpHeaders& headers, bool is_http10);

// Takes the chunked coding off a body that arrives in pieces (RFC 9112, 7.1). Trailer fields are
// checked and dropped.
class ChunkDecoder {
 public:
  // Decodes a prefix of `bytes`, appends data to `body` and returns how much was used: all, unless
  // the body ended or `body` reached more than `max_body_bytes`.
  // Errors: kInvalidArgument.
  Result<std::size_t> Decode(std::string_view bytes, std::uint64_t max_body_bytes,
                             std::string& body);
  bool is_done() const { return state_ == State::kDone; }

 private:
  enum class State { kSizeLine, kData, kDataEnd, kTrailer, kDone };
  // Adds to `line_` up to LF; true when the line is whole, then without CR LF.
  Result<bool> TakeControlLine(std::string_view bytes, std::size_t& used);
  Status StartChunk();

  State state_ = State::kSizeLine;
  std::uint64_t left_ = 0;
  std::string line_;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace st::net
