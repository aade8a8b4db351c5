// What a record remembers of the request that made it: record headers. Pure.
//
//   idempotency-key          the key as the client sent it
//   steelthread-key-scope    32 hex digits: KeyHasher::OfScope; missing in records of before scopes
//   steelthread-request      32 hex digits: KeyHasher::OfRequest
//   steelthread-answer       "201 application/json"
//   steelthread-answer-body  the body that was answered
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
// nullopt: the record remembers nothing, or not in this form. The caller knows that the server made
// the record: anybody can write headers of these names.
std::optional<Remembered> ParseRecordHeaders(const record::Record& record);
// Runs `take` for each record that the server made itself. Gives the offset behind the last batch,
// -1 where there is none. Errors as record::ForEachRecord's.
Result<std::int64_t> ForEachOwnRecord(const log::ReadResult& read, std::uint64_t limit_bytes,
                                      const std::function<Status(const record::Record&)>& take);

// A key as the header field holds it: the draft's quoted string ("…", RFC 8941) or bare. The error
// says what is allowed: 1 to kMaxKeyBytes printable ASCII characters.
Result<std::string> ParseIdempotencyKey(std::string_view field);

}  // namespace st::idempotency
