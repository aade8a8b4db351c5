#include "format/kafka/describe_user_scram_credentials.h"

#include "format/kafka/limits.h"
#include "format/kafka/parts.h"
#include "format/kafka/wire.h"

namespace st::kafka {

std::optional<std::vector<std::string_view>> DecodeDescribeUserScramCredentials(
    const RequestHeader& request) {
  Reader in = ReaderOf(request, kDescribeUserScramCredentialsApi);
  std::vector<std::string_view> users;
  for (auto n = in.ArrayLength(kMaxRequestUsers); in.ok() && n > 0; --n) {
    users.push_back(in.String());
    in.Tags();
  }
  in.Tags();
  if (!in.ok()) return std::nullopt;
  return users;
}

std::string EncodeDescribeUserScramCredentials(const RequestHeader& request,
                                               const std::vector<DescribedUser>& users) {
  Writer out = AnswerTo(request, kDescribeUserScramCredentialsApi);
  // As Kafka, an empty message where there is no error.
  out.Int(std::int32_t{0}).Int(Code(ErrorCode::kNone)).String("").ArrayLength(users);
  for (const auto& user : users) {
    out.String(user.name).Int(Code(user.error)).NullableString(OrNull(user.message));
    out.ArrayLength(std::string_view()).Tags();
  }
  return out.Tags().Take();
}

}  // namespace st::kafka
