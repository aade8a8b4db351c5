#include "net/http_message.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "net/limits.h"

namespace st::net {
namespace {

// RFC 9110, 5.6.2.
constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr auto kTokenTable = MakeTokenTable();

bool IsValueByte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 0x20 && u != 0x7f) || u == '\t';
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes digits only: no sign, no list, no blanks. 18 digits cannot overflow.
Result<std::uint64_t> ParseLength(std::string_view text) {
  const bool is_digits =
      !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_digits || text.size() > 18) {
    return Fail(ErrorCode::kInvalidArgument, "Content-Length is not a number of bytes");
  }
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

// Takes the longest token off `text`; false if there is none.
bool SkipToken(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && kTokenTable[static_cast<unsigned char>(text[n])]) ++n;
  text.remove_prefix(n);
  return n > 0;
}

// Takes a quoted string off `text`, which begins with its quote; false if it does not end.
bool SkipQuoted(std::string_view& text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112, 7.1.1.
bool AreChunkExtensions(std::string_view text) {
  if (!IsFieldValue(text)) return false;
  const auto skip_blanks = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  };
  while (!text.empty()) {
    skip_blanks();
    if (!text.starts_with(';')) return false;
    text.remove_prefix(1);
    skip_blanks();
    if (!SkipToken(text)) return false;
    const auto after_name = text;
    skip_blanks();
    if (!text.starts_with('=')) {
      text = after_name;
      continue;
    }
    text.remove_prefix(1);
    skip_blanks();
    if (text.starts_with('"') ? !SkipQuoted(text) : !SkipToken(text)) return false;
  }
  return true;
}

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return kTokenTable[static_cast<unsigned char>(c)];
  });
}

bool IsFieldValue(std::string_view text) { return std::ranges::all_of(text, IsValueByte); }

bool HasListToken(std::string_view list, std::string_view token) {
  return std::ranges::any_of(Split(list, ','),
                             [&](auto part) { return EqualsIgnoreCase(TrimBlanks(part), token); });
}

Result<std::optional<std::size_t>> HeadScanner::Scan(std::string_view bytes) {
  while (true) {
    const auto end = bytes.find('\n', seen_);
    if (end == std::string_view::npos) break;
    if (end == line_begin_ || bytes[end - 1] != '\r') {
      return Fail(ErrorCode::kInvalidArgument, "a line ends in LF without CR");
    }
    const bool is_empty = end - 1 == line_begin_;
    const bool is_before_start = line_begin_ == skip_;
    seen_ = line_begin_ = end + 1;
    if (!is_empty) continue;
    if (!is_before_start) return std::optional(end + 1);
    skip_ = end + 1;  // RFC 9112, 2.2: an empty line before the start line is passed over
  }
  seen_ = bytes.size();
  return std::optional<std::size_t>();
}

std::string_view TakeLine(std::string_view& head) {
  const auto end = head.find("\r\n");
  const auto line = head.substr(0, end);
  head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
  return line;
}

Result<std::pair<std::string_view, std::string_view>> ParseField(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) {
    return Fail(ErrorCode::kInvalidArgument, "a header line is folded");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "a header line has no colon");
  }
  const auto name = line.substr(0, colon);
  if (!IsToken(name)) {
    return Fail(ErrorCode::kInvalidArgument,
                "a header's name is empty or has a space or another byte that no name may have");
  }
  const auto value = TrimBlanks(line.substr(colon + 1));
  if (!IsFieldValue(value)) {
    return Fail(ErrorCode::kInvalidArgument, "the value of header {} has a control byte", name);
  }
  return std::pair(name, value);
}

Result<HttpHeaders> ParseFields(std::string_view lines) {
  HttpHeaders headers;
  headers.reserve(8);
  while (!lines.empty()) {
    const auto line = TakeLine(lines);
    if (line.empty()) break;
    if (headers.size() == kMaxHeaderFields) {
      return Fail(ErrorCode::kUnsupported, "more than {} header lines", kMaxHeaderFields);
    }
    ST_TRY(const auto field, ParseField(line));
    headers.emplace_back(field.first, field.second);
  }
  return headers;
}

Result<Framing> ParseFraming(const HttpHeaders& headers, bool is_http10) {
  Framing framing;
  std::string coding;
  bool has_coding = false;
  for (const auto& [name, value] : headers) {
    if (EqualsIgnoreCase(name, "Content-Length")) {
      if (framing.length) {
        return Fail(ErrorCode::kInvalidArgument, "more than one Content-Length");
      }
      ST_TRY(framing.length, ParseLength(value));
    } else if (EqualsIgnoreCase(name, "Transfer-Encoding")) {
      if (has_coding) coding += ',';
      coding += value;
      has_coding = true;
    }
  }
  if (!has_coding) return framing;
  if (framing.length) {
    return Fail(ErrorCode::kInvalidArgument, "both Content-Length and Transfer-Encoding");
  }
  if (is_http10) {
    return Fail(ErrorCode::kInvalidArgument, "Transfer-Encoding in HTTP/1.0");
  }
  const auto codings = Split(coding, ',');
  const auto is_chunked = [](std::string_view part) {
    return EqualsIgnoreCase(TrimBlanks(part), "chunked");
  };
  if (codings.empty() || !is_chunked(codings.back()) ||
      std::ranges::count_if(codings, is_chunked) != 1) {
    return Fail(ErrorCode::kInvalidArgument, "Transfer-Encoding does not end in one chunked");
  }
  if (codings.size() > 1) {
    return Fail(ErrorCode::kUnsupported, "transfer codings other than chunked are not supported");
  }
  framing.is_chunked = true;
  return framing;
}

Result<bool> ChunkDecoder::TakeControlLine(std::string_view bytes, std::size_t& used) {
  const auto end = bytes.find('\n', used);
  const auto part = bytes.substr(used, end == std::string_view::npos ? end : end + 1 - used);
  if (line_.size() + part.size() > kMaxChunkLineBytes) {
    return Fail(ErrorCode::kInvalidArgument, "a chunk's line is longer than {} bytes",
                kMaxChunkLineBytes);
  }
  line_ += part;
  used += part.size();
  if (end == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) {
    return Fail(ErrorCode::kInvalidArgument, "a chunk's line ends in LF without CR");
  }
  line_.resize(line_.size() - 2);
  return true;
}

// Parses `size [; extensions]`.
Status ChunkDecoder::StartChunk() {
  std::size_t digits = 0;
  left_ = 0;
  while (digits < line_.size()) {
    const int digit = HexValue(line_[digits]);
    if (digit < 0) break;
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    if (++digits > 15) return Fail(ErrorCode::kInvalidArgument, "a chunk's size is too large");
  }
  if (digits == 0) return Fail(ErrorCode::kInvalidArgument, "a chunk has no size");
  const auto extension = std::string_view(line_).substr(digits);
  if (!AreChunkExtensions(extension)) {
    return Fail(ErrorCode::kInvalidArgument,
                "a chunk's size is followed by neither an extension nor CR LF");
  }
  extension_bytes_ += extension.size();
  if (extension_bytes_ > kMaxChunkExtensionBytes) {
    return Fail(ErrorCode::kInvalidArgument, "more than {} bytes of chunk extensions",
                kMaxChunkExtensionBytes);
  }
  return {};
}

Result<std::size_t> ChunkDecoder::Decode(std::string_view bytes, std::uint64_t max_body_bytes,
                                         std::string& body) {
  std::size_t used = 0;
  while (state_ != State::kDone && used < bytes.size() && body.size() <= max_body_bytes) {
    if (state_ == State::kData) {
      const std::uint64_t room = max_body_bytes - body.size();
      auto n = std::min(left_, std::uint64_t{bytes.size() - used});
      if (n > room) n = room + 1;  // one byte beyond the limit proves the excess
      body.append(bytes.substr(used, n));
      used += n;
      left_ -= n;
      if (left_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const std::size_t before = used;
    ST_TRY(const bool is_whole, TakeControlLine(bytes, used));
    if (state_ == State::kTrailer) trailer_bytes_ += used - before;
    if (trailer_bytes_ > kMaxTrailerBytes) {
      return Fail(ErrorCode::kInvalidArgument, "more than {} bytes of trailers", kMaxTrailerBytes);
    }
    if (!is_whole) break;
    if (state_ == State::kSizeLine) {
      ST_TRY_STATUS(StartChunk());
      state_ = left_ == 0 ? State::kTrailer : State::kData;
    } else if (state_ == State::kDataEnd) {
      if (!line_.empty()) {
        return Fail(ErrorCode::kInvalidArgument, "a chunk is longer than its size");
      }
      state_ = State::kSizeLine;
    } else if (line_.empty()) {
      state_ = State::kDone;
    } else {
      ST_TRY(const auto trailer, ParseField(line_));
      static_cast<void>(trailer);
    }
    line_.clear();
  }
  return used;
}

}  // namespace st::net
