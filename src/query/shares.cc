#include "query/shares.h"

#include <fmt/format.h>

namespace st::query {

bool Share::Covers(const OpenStatement& mine, const OpenStatement& other) const {
  if (!other.holds_place() || (is_of_queued && !other.is_queued())) return false;
  if (scope == Scope::kServer) return true;
  if (mine.address() != other.address()) return false;
  return scope == Scope::kAddress || mine.user() == other.user();
}

std::string Share::Describe() const {
  const char* whose = scope == Scope::kServer    ? "of all clients"
                      : scope == Scope::kAddress ? "of this client's address"
                                                 : "of this user";
  return is_of_queued
             ? fmt::format(
                   "{} statements {} wait for a worker, which is the limit; try again later", limit,
                   whose)
             : fmt::format("{} statements {} are open; read or cancel some first", limit, whose);
}

}  // namespace st::query
