// Randomness enters through here, so that tests can seed it.
#pragma once

#include <cstdint>
#include <memory>

#include "base/ids.h"

namespace st::os {

// Threads: safe from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;
  // RFC 9562 version 4.
  Uuid NewUuid();
};

// The kernel's generator.
std::unique_ptr<Random> MakeSystemRandom();
// SplitMix64 from a seed: for tests.
std::unique_ptr<Random> MakeSeededRandom(std::uint64_t seed);

}  // namespace st::os
