#include "idempotency/key_hash.h"

#include <array>
#include <bit>
#include <string>

#include "base/coding.h"

namespace st::idempotency {
namespace {

class Sip {
 public:
  Sip(std::uint64_t k0, std::uint64_t k1)
      : v_{0x736f6d6570736575ULL ^ k0, 0x646f72616e646f6dULL ^ k1 ^ 0xee,
           0x6c7967656e657261ULL ^ k0, 0x7465646279746573ULL ^ k1} {}

  void Word(std::uint64_t word) {
    v_[3] ^= word;
    Rounds(2);
    v_[0] ^= word;
  }
  Hash128 End() {
    v_[2] ^= 0xee;
    Rounds(4);
    const std::uint64_t first = v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
    v_[1] ^= 0xdd;
    Rounds(4);
    return {.high = first, .low = v_[0] ^ v_[1] ^ v_[2] ^ v_[3]};
  }

 private:
  void Rounds(int n) {
    for (; n > 0; --n) {
      v_[0] += v_[1];
      v_[2] += v_[3];
      v_[1] = std::rotl(v_[1], 13) ^ v_[0];
      v_[3] = std::rotl(v_[3], 16) ^ v_[2];
      v_[0] = std::rotl(v_[0], 32);
      v_[2] += v_[1];
      v_[0] += v_[3];
      v_[1] = std::rotl(v_[1], 17) ^ v_[2];
      v_[3] = std::rotl(v_[3], 21) ^ v_[0];
      v_[2] = std::rotl(v_[2], 32);
    }
  }
  std::array<std::uint64_t, 4> v_;
};

}  // namespace

KeyHasher::KeyHasher(const Uuid& log_id) {
  ByteReader in(BytesOf(log_id));
  k0_ = in.Little<std::uint64_t>();
  k1_ = in.Little<std::uint64_t>();
}

Hash128 KeyHasher::OfText(std::string_view key) const {
  Sip sip(k0_, k1_);
  const auto length = static_cast<std::uint64_t>(key.size());
  for (; key.size() >= 8; key.remove_prefix(8)) sip.Word(LoadLittle<std::uint64_t>(key));
  std::uint64_t last = length << 56;
  for (std::size_t i = 0; i < key.size(); ++i) {
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(key[i])) << (8 * i);
  }
  sip.Word(last);
  return sip.End();
}

Hash128 KeyHasher::OfRequest(const Request& request) const {
  std::string text;
  text.reserve(request.method.size() + request.target.size() + request.body.size() + 16);
  AppendLittle<std::uint64_t>(text, request.method.size());
  AppendLittle<std::uint64_t>(text, request.target.size());
  text.append(request.method).append(request.target).append(request.body);
  return OfText(text);
}

// No key contains a NUL, so no scoped key is hashed as a key without a scope.
Hash128 KeyHasher::OfKey(const ScopedKey& key) const {
  if (key.scope == KeyScope()) return OfText(key.key);
  std::string text(1, '\0');
  AppendLittle(text, key.scope.high);
  AppendLittle(text, key.scope.low);
  return OfText(text.append(key.key));
}

KeyScope KeyHasher::OfScope(std::string_view who) const {
  auto scope = OfText(who);
  scope.low |= 1;
  return scope;
}

}  // namespace st::idempotency
