#include "api/kafka/describe_user_scram_credentials_handler.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

#include "format/kafka/describe_user_scram_credentials.h"

namespace st::api {

using kafka::ErrorCode;

bool DescribeUserScramCredentialsHandler::Handle(const net::FrameSession& /*session*/,
                                                 const std::shared_ptr<Request>& request,
                                                 const Responder& responder) {
  const auto names = kafka::DecodeDescribeUserScramCredentials(request->header);
  if (!names) return false;
  std::map<std::string_view, int> times;
  for (const auto name : *names) ++times[name];
  std::vector<kafka::DescribedUser> users;
  for (const auto& [name, count] : times) {
    if (count > 1) {
      users.push_back({.name = name,
                       .error = ErrorCode::kDuplicateResource,
                       .message = fmt::format("Cannot describe SCRAM credentials for the same user "
                                              "twice in a single request: {}",
                                              name)});
    } else {
      users.push_back({.name = name,
                       .error = ErrorCode::kResourceNotFound,
                       .message = fmt::format(
                           "Attempt to describe a user credential that does not exist: {}", name)});
    }
  }
  responder->Send(kafka::EncodeDescribeUserScramCredentials(request->header, users));
  return true;
}

}  // namespace st::api
