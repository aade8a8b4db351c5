#include "spark_values/sha2.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/text.h"

namespace st::spark_values {
namespace {

// The fraction bits of the cube roots of the first 80 primes; SHA-224 takes the upper half of 64.
constexpr std::array<std::uint64_t, 80> kRounds = {
    0x428a2f98d728ae22ULL, 0x7137449123ef65cdULL, 0xb5c0fbcfec4d3b2fULL, 0xe9b5dba58189dbbcULL,
    0x3956c25bf348b538ULL, 0x59f111f1b605d019ULL, 0x923f82a4af194f9bULL, 0xab1c5ed5da6d8118ULL,
    0xd807aa98a3030242ULL, 0x12835b0145706fbeULL, 0x243185be4ee4b28cULL, 0x550c7dc3d5ffb4e2ULL,
    0x72be5d74f27b896fULL, 0x80deb1fe3b1696b1ULL, 0x9bdc06a725c71235ULL, 0xc19bf174cf692694ULL,
    0xe49b69c19ef14ad2ULL, 0xefbe4786384f25e3ULL, 0x0fc19dc68b8cd5b5ULL, 0x240ca1cc77ac9c65ULL,
    0x2de92c6f592b0275ULL, 0x4a7484aa6ea6e483ULL, 0x5cb0a9dcbd41fbd4ULL, 0x76f988da831153b5ULL,
    0x983e5152ee66dfabULL, 0xa831c66d2db43210ULL, 0xb00327c898fb213fULL, 0xbf597fc7beef0ee4ULL,
    0xc6e00bf33da88fc2ULL, 0xd5a79147930aa725ULL, 0x06ca6351e003826fULL, 0x142929670a0e6e70ULL,
    0x27b70a8546d22ffcULL, 0x2e1b21385c26c926ULL, 0x4d2c6dfc5ac42aedULL, 0x53380d139d95b3dfULL,
    0x650a73548baf63deULL, 0x766a0abb3c77b2a8ULL, 0x81c2c92e47edaee6ULL, 0x92722c851482353bULL,
    0xa2bfe8a14cf10364ULL, 0xa81a664bbc423001ULL, 0xc24b8b70d0f89791ULL, 0xc76c51a30654be30ULL,
    0xd192e819d6ef5218ULL, 0xd69906245565a910ULL, 0xf40e35855771202aULL, 0x106aa07032bbd1b8ULL,
    0x19a4c116b8d2d0c8ULL, 0x1e376c085141ab53ULL, 0x2748774cdf8eeb99ULL, 0x34b0bcb5e19b48a8ULL,
    0x391c0cb3c5c95a63ULL, 0x4ed8aa4ae3418acbULL, 0x5b9cca4f7763e373ULL, 0x682e6ff3d6b2b8a3ULL,
    0x748f82ee5defb2fcULL, 0x78a5636f43172f60ULL, 0x84c87814a1f0ab72ULL, 0x8cc702081a6439ecULL,
    0x90befffa23631e28ULL, 0xa4506cebde82bde9ULL, 0xbef9a3f7b2c67915ULL, 0xc67178f2e372532bULL,
    0xca273eceea26619cULL, 0xd186b8c721c0c207ULL, 0xeada7dd6cde0eb1eULL, 0xf57d4f7fee6ed178ULL,
    0x06f067aa72176fbaULL, 0x0a637dc5a2c898a6ULL, 0x113f9804bef90daeULL, 0x1b710b35131c471bULL,
    0x28db77f523047d84ULL, 0x32caab7b40c72493ULL, 0x3c9ebe0a15c9bebcULL, 0x431d67c49c100d4cULL,
    0x4cc5d4becb3e42b6ULL, 0x597f299cfc657e2aULL, 0x5fcb6fab3ad6faecULL, 0x6c44198c4a475817ULL};

template <typename Word>
struct Rule;
template <>
struct Rule<std::uint32_t> {
  static constexpr std::size_t kRounds = 64;
  static std::uint32_t Sum0(std::uint32_t x) {
    return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22);
  }
  static std::uint32_t Sum1(std::uint32_t x) {
    return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25);
  }
  static std::uint32_t Sigma0(std::uint32_t x) {
    return std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3;
  }
  static std::uint32_t Sigma1(std::uint32_t x) {
    return std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10;
  }
  static std::uint32_t Constant(std::size_t i) {
    return static_cast<std::uint32_t>(spark_values::kRounds.at(i) >> 32);
  }
};
template <>
struct Rule<std::uint64_t> {
  static constexpr std::size_t kRounds = 80;
  static std::uint64_t Sum0(std::uint64_t x) {
    return std::rotr(x, 28) ^ std::rotr(x, 34) ^ std::rotr(x, 39);
  }
  static std::uint64_t Sum1(std::uint64_t x) {
    return std::rotr(x, 14) ^ std::rotr(x, 18) ^ std::rotr(x, 41);
  }
  static std::uint64_t Sigma0(std::uint64_t x) {
    return std::rotr(x, 1) ^ std::rotr(x, 8) ^ x >> 7;
  }
  static std::uint64_t Sigma1(std::uint64_t x) {
    return std::rotr(x, 19) ^ std::rotr(x, 61) ^ x >> 6;
  }
  static std::uint64_t Constant(std::size_t i) { return spark_values::kRounds.at(i); }
};

template <typename Word>
void Compress(std::array<Word, 8>& state, std::string_view block) {
  using R = Rule<Word>;
  std::array<Word, R::kRounds> words{};
  for (std::size_t i = 0; i < R::kRounds; ++i) {
    if (i >= 16) {
      words.at(i) = R::Sigma1(words.at(i - 2)) + words.at(i - 7) + R::Sigma0(words.at(i - 15)) +
                    words.at(i - 16);
      continue;
    }
    for (std::size_t k = 0; k < sizeof(Word); ++k) {
      words.at(i) = words.at(i) << 8 | static_cast<unsigned char>(block[i * sizeof(Word) + k]);
    }
  }
  std::array<Word, 8> s = state;
  for (std::size_t i = 0; i < R::kRounds; ++i) {
    const Word t1 =
        s[7] + R::Sum1(s[4]) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + R::Constant(i) + words.at(i);
    const Word t2 = R::Sum0(s[0]) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    s = {t1 + t2, s[0], s[1], s[2], s[3] + t1, s[4], s[5], s[6]};
  }
  for (std::size_t i = 0; i < 8; ++i) state[i] += s[i];
}

template <typename Word>
std::string Sha2(std::array<Word, 8> state, std::string_view bytes, std::size_t result_bytes) {
  constexpr std::size_t kBlock = 16 * sizeof(Word);
  std::size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) Compress<Word>(state, bytes.substr(at, kBlock));
  std::string last(bytes.substr(at));
  last += '\x80';
  const std::size_t blocks = last.size() + 2 * sizeof(Word) > kBlock ? 2 : 1;
  last.resize(blocks * kBlock, '\0');
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) {
    last[last.size() - 1 - i] = static_cast<char>(static_cast<unsigned char>(bits >> (8 * i)));
  }
  for (std::size_t i = 0; i < blocks; ++i) {
    Compress<Word>(state, std::string_view(last).substr(i * kBlock, kBlock));
  }
  std::string out;
  for (const Word word : state) {
    for (std::size_t k = sizeof(Word); k > 0; --k) {
      out += static_cast<char>(static_cast<unsigned char>(word >> (8 * (k - 1))));
    }
  }
  return HexEncode(out.substr(0, result_bytes));
}

}  // namespace

std::string Sha224(std::string_view bytes) {
  return Sha2<std::uint32_t>({0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31,
                              0x68581511, 0x64f98fa7, 0xbefa4fa4},
                             bytes, 28);
}

std::string Sha384(std::string_view bytes) {
  return Sha2<std::uint64_t>(
      {0xcbbb9d5dc1059ed8ULL, 0x629a292a367cd507ULL, 0x9159015a3070dd17ULL, 0x152fecd8f70e5939ULL,
       0x67332667ffc00b31ULL, 0x8eb44a8768581511ULL, 0xdb0c2e0d64f98fa7ULL, 0x47b5481dbefa4fa4ULL},
      bytes, 48);
}

std::string Sha512(std::string_view bytes) {
  return Sha2<std::uint64_t>(
      {0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
       0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL},
      bytes, 64);
}

}  // namespace st::spark_values
