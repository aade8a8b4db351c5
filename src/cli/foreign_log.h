// How many records another server's topic holds, through librdkafka.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace st::cli {

// Threads: owned by one thread; blocks.
// Errors:  kUnavailable the broker does not answer.
class ForeignLog {
 public:
  static Result<std::unique_ptr<ForeignLog>> Open(const std::string& broker,
                                                  const std::string& topic);
  virtual ~ForeignLog() = default;
  // The sum of the end offsets of all partitions; 0 for a topic that is not there yet.
  virtual Result<std::int64_t> End() = 0;
};

}  // namespace st::cli
