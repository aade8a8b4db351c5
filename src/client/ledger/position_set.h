// Positions of rows, each of them none, once or more often.
#pragma once

#include <cstdint>
#include <vector>

namespace st::client::ledger {

// Limits: 2 bits an offset from the first one on.
class PositionSet {
 public:
  void Add(std::int64_t offset);
  // 0, 1, or 2 for more.
  int Count(std::int64_t offset) const;

 private:
  std::int64_t first_ = -1;  // a multiple of 4, or none yet
  std::vector<std::uint8_t> bits_;
};

}  // namespace st::client::ledger
