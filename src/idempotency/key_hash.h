// 128-bit hashes of idempotency keys and of the requests that they came with: SipHash-2-4 keyed by
// the log's id, the same after restarts. KeyStore::Read compares the key itself, so equal
// hashes do no harm.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace st::idempotency {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// The owner of a key: the same text in two scopes is two keys. Zero: no scope, as in records of
// earlier versions.
using KeyScope = Hash128;
struct ScopedKey {
  KeyScope scope{};
  std::string_view key;
};

// Threads: safe from any thread.
class KeyHasher {
 public:
  explicit KeyHasher(const Uuid& log_id);
  // Without a scope this is the hash of the text alone, as in earlier versions.
  Hash128 OfKey(const ScopedKey& key) const;
  // Of the owner of keys, such as a player's name, or a route and a Host. Never zero.
  KeyScope OfScope(std::string_view who) const;
  // Of method, target and body, and of their lengths.
  struct Request {
    std::string_view method;
    std::string_view target;
    std::string_view body;
  };
  Hash128 OfRequest(const Request& request) const;

 private:
  Hash128 OfText(std::string_view text) const;

  std::uint64_t k0_ = 0;
  std::uint64_t k1_ = 0;
};

struct Hash128Hash {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

}  // namespace st::idempotency
