// Types of DuckDB as Trino's, in words and as the protocol's typeSignature.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/chunk.h"

namespace st::worker::query {

struct TrinoType {
  bool operator==(const TrinoType&) const = default;
  std::string name;       // "timestamp(6) with time zone", "array(varchar)"
  std::string signature;  // JSON
};

// nullopt: Trino has no such type (BIT, UNION, TIME WITH TIME ZONE …).
// `parametric_datetime`: QueryJob's.
std::optional<TrinoType> TrinoTypeOf(const sql::Type& type, bool parametric_datetime);

}  // namespace st::worker::query
