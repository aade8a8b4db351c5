// The numbers of statements that the server, one client address and one user at an address may
// have.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "query/limits.h"
#include "query/open_statement.h"

namespace st::query {

// One limit on the number of statements of a kind, within a scope.
struct Share {
  enum class Scope { kServer, kAddress, kUser };
  const char* reason;  // of the metric
  Scope scope;
  bool is_of_queued;  // else of all that hold a place
  std::size_t limit;

  // Whether `other` counts in the share of `mine`.
  bool Covers(const OpenStatement& mine, const OpenStatement& other) const;
  // The message for a client whose share is used up.
  std::string Describe() const;
};

inline constexpr const char* kStopping = "stopping";  // a reason without a share
inline constexpr std::array kShares = {
    Share{"user_open", Share::Scope::kUser, false, kMaxOpenOfUser},
    Share{"address_open", Share::Scope::kAddress, false, kMaxOpenOfAddress},
    Share{"server_open", Share::Scope::kServer, false, kMaxOpenStatements},
    Share{"user_queued", Share::Scope::kUser, true, kMaxQueuedOfUser},
    Share{"address_queued", Share::Scope::kAddress, true, kMaxQueuedOfAddress},
    Share{"server_queued", Share::Scope::kServer, true, kMaxQueuedStatements},
};

}  // namespace st::query
