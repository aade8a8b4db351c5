// What the requests about ACLs have in common: an access, or a filter of such.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "format/kafka/wire.h"

namespace st::kafka {

// Numbers of Kafka's enums ResourceType, PatternType, AclOperation and AclPermissionType.
struct Acl {
  std::int8_t resource_type = 0;
  std::optional<std::string_view> resource;  // in a filter null is any, as with the next two
  std::int8_t pattern = 0;
  std::optional<std::string_view> principal;
  std::optional<std::string_view> host;
  std::int8_t operation = 0;
  std::int8_t permission = 0;
};

// Reads one. Kafka does not decode one with a number 0, which stands for unknown: that breaks the
// reader.
inline Acl ReadAcl(Reader& in) {
  Acl acl;
  acl.resource_type = in.Int<std::int8_t>();
  acl.resource = in.NullableString();
  acl.pattern = in.Int<std::int8_t>();
  acl.principal = in.NullableString();
  acl.host = in.NullableString();
  acl.operation = in.Int<std::int8_t>();
  acl.permission = in.Int<std::int8_t>();
  in.Tags();
  if (acl.resource_type == 0 || acl.pattern == 0 || acl.operation == 0 || acl.permission == 0) {
    in.Break();
  }
  return acl;
}

}  // namespace st::kafka
