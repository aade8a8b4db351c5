// The results of a run so far.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "client/load/histogram.h"

namespace st::client::load {

struct Tally {
  std::uint64_t sent = 0;          // commands and declared events, each once; the refused too
  std::uint64_t acknowledged = 0;  // of them answered 2xx
  std::uint64_t refused = 0;       // answered 3xx or 4xx
  std::uint64_t failed = 0;        // answered 5xx, but for what is repeated
  std::uint64_t unanswered = 0;    // given up
  // By the problem's code, or "HTTP 404": of the refused; of the failed, and of the last answers
  // before a request was given up.
  std::map<std::string, std::uint64_t> refused_codes;
  std::map<std::string, std::uint64_t> failed_codes;
  std::uint64_t reads = 0;  // answered
  std::uint64_t failed_reads = 0;
  std::uint64_t repeated = 0;  // requests sent again under their key
  std::uint64_t not_sent = 0;  // due in open loop, but not sent before the end
  std::uint64_t open = 0;      // in hand
  Histogram latency;           // of all answered, from when they were to be sent

  // One of the four equal numbers.
  std::uint64_t counted() const { return sent - refused; }
  std::uint64_t answered() const { return acknowledged + refused + failed + reads; }
};

}  // namespace st::client::load
