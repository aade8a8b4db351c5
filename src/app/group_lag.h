// How far the committed offsets of consumer groups are behind the ends of their partitions.
#pragma once

#include <cstdint>

#include "app/stores.h"
#include "base/ids.h"

namespace st::app {

struct Lag {
  std::int64_t records = 0;  // behind the committed offset
  std::int64_t seconds = 0;  // the age of the first of them

  // Counts the records of both, and has the age of the older ones.
  void Add(const Lag& other);
};

Lag LagOf(Stores& stores, TopicPartition tp, Offset committed);

}  // namespace st::app
