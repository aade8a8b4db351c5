// The headers in which a record remembers its request and the answer to it. Pure.
//
//   idempotency-key          the key as the client sent it
//   steelthread-key-scope    32 hex digits: KeyHasher::OfScope; earlier versions had none
//   steelthread-request      32 hex digits: KeyHasher::OfRequest
//   steelthread-answer       "201 application/json"
//   steelthread-answer-body  the body of the answer
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/record/record_batch.h"
#include "idempotency/key_hash.h"
#include "log/log.h"

namespace st::idempotency {

inline constexpr std::string_view kKeyHeader = "idempotency-key";

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
};
struct Remembered {
  std::string key;
  KeyScope scope{};
  Hash128 request;
  Answer answer;
  ScopedKey scoped_key() const { return {.scope = scope, .key = key}; }
};

std::vector<std::pair<std::string, std::string>> RecordHeaders(const Remembered& remembered);
// nullopt: the record has no such headers, or malformed ones. Requires: the server itself appended
// the record; any Kafka client can write headers of these names.
std::optional<Remembered> ParseRecordHeaders(const record::Record& record);
// Calls `use` for each record that the server itself appended. Gives the offset after the last
// batch, -1 where there is none. Errors as record::ForEachRecord's.
Result<std::int64_t> ForEachOwnRecord(const log::ReadResult& read, std::uint64_t limit_bytes,
                                      const std::function<Status(const record::Record&)>& use);

// A key as the header field holds it: the draft's quoted string ("…", RFC 8941) or bare. The error
// says what is allowed: 1 to kMaxKeyBytes printable ASCII characters.
Result<std::string> ParseIdempotencyKey(std::string_view field);

}  // namespace st::idempotency
