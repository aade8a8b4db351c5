#include "idempotency/answer_record.h"

#include <algorithm>

#include "base/coding.h"
#include "base/text.h"
#include "idempotency/limits.h"

namespace st::idempotency {
namespace {

constexpr std::string_view kScopeHeader = "steelthread-key-scope";
constexpr std::string_view kRequestHeader = "steelthread-request";
constexpr std::string_view kAnswerHeader = "steelthread-answer";
constexpr std::string_view kBodyHeader = "steelthread-answer-body";

std::optional<std::string_view> HeaderOf(const record::Record& record, std::string_view name) {
  for (const auto& header : record.headers) {
    if (header.key == name) return header.value;
  }
  return std::nullopt;
}

std::optional<Hash128> ParseHash(std::string_view hex) {
  const auto bytes = HexDecode(hex);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  ByteReader in(*bytes);
  return Hash128{.high = in.Big<std::uint64_t>(), .low = in.Big<std::uint64_t>()};
}

std::string HexOf(const Hash128& hash) {
  std::string bytes;
  AppendBig(bytes, hash.high);
  AppendBig(bytes, hash.low);
  return HexEncode(bytes);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> RecordHeaders(const Remembered& remembered) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {std::string(kKeyHeader), remembered.key},
      {std::string(kRequestHeader), HexOf(remembered.request)},
      {std::string(kAnswerHeader),
       std::to_string(remembered.answer.status) + " " + remembered.answer.content_type},
      {std::string(kBodyHeader), remembered.answer.body}};
  if (remembered.scope != KeyScope()) {
    headers.emplace_back(kScopeHeader, HexOf(remembered.scope));
  }
  return headers;
}

std::optional<Remembered> ParseRecordHeaders(const record::Record& record) {
  const auto key = HeaderOf(record, kKeyHeader);
  const auto request = HeaderOf(record, kRequestHeader);
  const auto answer = HeaderOf(record, kAnswerHeader);
  const auto body = HeaderOf(record, kBodyHeader);
  if (!key || !request || !answer || !body) return std::nullopt;
  const auto hash = ParseHash(*request);
  const auto scope_text = HeaderOf(record, kScopeHeader);
  const auto scope = scope_text ? ParseHash(*scope_text) : KeyScope();
  if (!scope) return std::nullopt;
  const auto space = answer->find(' ');
  if (!hash || space == std::string_view::npos) return std::nullopt;
  const auto status = ParseInt64(answer->substr(0, space));
  // The answer is sent again as it stands: an interim status or control characters must not be.
  if (!status || *status < 200 || *status > 599) return std::nullopt;
  if (!std::ranges::all_of(*answer, [](char c) { return c >= ' ' && c <= '~'; })) {
    return std::nullopt;
  }
  return Remembered{.key = std::string(*key),
                    .scope = *scope,
                    .request = *hash,
                    .answer = {.status = static_cast<int>(*status),
                               .content_type = std::string(answer->substr(space + 1)),
                               .body = std::string(*body)}};
}

Result<std::int64_t> ForEachOwnRecord(const log::ReadResult& read, std::uint64_t limit_bytes,
                                      const std::function<Status(const record::Record&)>& use) {
  std::int64_t next = -1;
  std::string_view rest = read.batches;
  for (const bool is_own : read.is_own) {
    ST_TRY(const auto header, record::ParseHeader(rest));
    const auto batch = rest.substr(0, header.total_bytes());
    rest.remove_prefix(batch.size());
    next = header.base_offset + header.last_offset_delta + 1;
    if (!is_own) continue;
    ST_TRY(next, record::ForEachRecord(batch, limit_bytes, use));
  }
  return next;
}

Result<std::string> ParseIdempotencyKey(std::string_view field) {
  std::string key(Trim(field));
  const auto wrong = [] {
    return Fail(ErrorCode::kInvalidArgument,
                "Idempotency-Key takes 1 to {} printable ASCII characters, quoted or not",
                kMaxKeyBytes);
  };
  if (key.starts_with('"')) {
    std::string inner;
    std::size_t at = 1;
    for (; at < key.size() && key[at] != '"'; ++at) {
      if (key[at] == '\\' && ++at == key.size()) return wrong();
      inner += key[at];
    }
    if (at + 1 != key.size()) return wrong();
    key = std::move(inner);
  }
  const bool is_printable = std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
  if (key.empty() || key.size() > kMaxKeyBytes || !is_printable) return wrong();
  return key;
}

}  // namespace st::idempotency
