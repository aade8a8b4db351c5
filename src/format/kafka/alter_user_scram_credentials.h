// AlterUserScramCredentials (key 51): makes and deletes credentials of users (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/api.h"
#include "format/kafka/error_code.h"
#include "format/kafka/request_header.h"

namespace st::kafka {

inline constexpr ApiRange kAlterUserScramCredentialsApi{
    .key = ApiKey::kAlterUserScramCredentials,
    .min = 0,  // the only one
    .max = 0,
    .flexible_from = 0,
};

struct ScramCredential {
  std::string_view user;
  std::int8_t mechanism = 0;
  std::int32_t iterations = 0;  // of one that is made
};
struct AlterUserScramCredentialsRequest {
  std::vector<ScramCredential> deleted;
  std::vector<ScramCredential> made;
};
std::optional<AlterUserScramCredentialsRequest> DecodeAlterUserScramCredentials(
    const RequestHeader& request);

struct AlteredUser {
  std::string_view name;
  ErrorCode error = ErrorCode::kNone;
  std::string message;
};
std::string EncodeAlterUserScramCredentials(const RequestHeader& request,
                                            const std::vector<AlteredUser>& users);

}  // namespace st::kafka
