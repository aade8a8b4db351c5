#include "format/kafka/alter_user_scram_credentials.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<AlterUserScramCredentialsRequest> DecodeAlterUserScramCredentials(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kAlterUserScramCredentialsApi);
  AlterUserScramCredentialsRequest alter;
  for (auto n = in.ArrayLength(kMaxRequestUsers); in.ok() && n > 0; --n) {
    alter.deleted.push_back({.user = in.String(), .mechanism = in.Int<std::int8_t>()});
    in.Tags();
  }
  for (auto n = in.ArrayLength(kMaxRequestUsers); in.ok() && n > 0; --n) {
    ScramCredential credential{.user = in.String(), .mechanism = in.Int<std::int8_t>()};
    credential.iterations = in.Int<std::int32_t>();
    in.Bytes();  // salt
    in.Bytes();  // salted password
    in.Tags();
    alter.made.push_back(credential);
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return alter;
}

std::string EncodeAlterUserScramCredentials(const RequestHeader& request,
                                            const std::vector<AlteredUser>& users) {
  Writer out = AnswerTo(request, kAlterUserScramCredentialsApi);
  out.Int(std::int32_t{0}).ArrayLength(users);  // throttle, then the results
  for (const auto& user : users) {
    out.String(user.name).Int(Code(user.error)).NullableString(OrNull(user.message)).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
