// Whose statement runs next, so that addresses, and users at one, take turns.
//
// Threads: none of its own; StatementRegistry calls it under its lock.
// Limits:  kMaxRememberedClients.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "query/open_statement.h"

namespace st::query {

class TurnOrder {
 public:
  // At most `max_running_of_address` statements of one address run at a time.
  explicit TurnOrder(int max_running_of_address)
      : max_running_of_address_(max_running_of_address) {}

  // Chooses among `queue`, oldest first, and counts the turn: of the address with the fewest
  // statements in `running`, then of the one served longest ago, then of the user at it with the
  // fewest, then of the one served longest ago. nullptr: none may run now, as its address has its
  // share, or its client has not asked for an answer.
  StatementPtr Choose(const std::vector<StatementPtr>& queue,
                      const std::vector<StatementPtr>& running);

 private:
  const int max_running_of_address_;
  // The number of the last turn of an address, and of a user at one.
  std::map<std::string, std::int64_t> turns_;
  std::int64_t turn_count_ = 0;
};

}  // namespace st::query
