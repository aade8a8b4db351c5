// Types of DuckDB as Trino's, in words and as the protocol's typeSignature.
#pragma once

#include <optional>
#include <string>

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

// DuckDB's name of an Iceberg primitive: "TIMESTAMP WITH TIME ZONE" for "timestamptz". nullopt for
// what is none.
std::optional<std::string> DuckTypeOfIceberg(const std::string& type);

}  // namespace st::worker::query
