#include "client/ledger/ledger.h"

#include "base/text.h"
#include "client/ledger/limits.h"

namespace st::client::ledger {

bool Ledger::is_full() const { return entries_.size() >= kMaxKeys; }

std::uint64_t Ledger::Open(std::uint16_t kind) {
  entries_.push_back({.kind = kind});
  return entries_.size() - 1;
}

std::optional<std::uint64_t> Ledger::NumberOf(std::string_view key) const {
  if (!key.starts_with(prefix_)) return std::nullopt;
  const auto digits = key.substr(prefix_.size());
  const auto number = ParseInt64(digits);
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) >= size()) return std::nullopt;
  // One key, one spelling: "007" was never sent.
  if (std::to_string(*number) != digits) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace st::client::ledger
