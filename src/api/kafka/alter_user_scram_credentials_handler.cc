#include "api/kafka/alter_user_scram_credentials_handler.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/alter_user_scram_credentials.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

using Refusal = std::pair<ErrorCode, std::string>;

constexpr std::int8_t kScramSha256 = 1;
constexpr std::int8_t kScramSha512 = 2;
constexpr std::int32_t kMinIterations = 4'096;
constexpr std::int32_t kMaxIterations = 16'384;

// What is wrong with a credential whether there are users or not.
Refusal CheckCredential(const kafka::ScramCredential& credential) {
  if (credential.user.empty()) {
    return {ErrorCode::kUnacceptableCredential, "Username must not be empty"};
  }
  if (credential.mechanism != kScramSha256 && credential.mechanism != kScramSha512) {
    return {ErrorCode::kUnsupportedSaslMechanism, "Unknown SCRAM mechanism"};
  }
  return {ErrorCode::kNone, ""};
}

Refusal CheckDeletion(const kafka::ScramCredential& credential) {
  auto refusal = CheckCredential(credential);
  if (refusal.first != ErrorCode::kNone) return refusal;
  return {ErrorCode::kResourceNotFound, "Attempt to delete a user credential that does not exist"};
}

Refusal CheckNew(const kafka::ScramCredential& credential) {
  auto refusal = CheckCredential(credential);
  if (refusal.first != ErrorCode::kNone) return refusal;
  if (credential.iterations < kMinIterations) {
    return {ErrorCode::kUnacceptableCredential, "Too few iterations"};
  }
  if (credential.iterations > kMaxIterations) {
    return {ErrorCode::kUnacceptableCredential, "Too many iterations"};
  }
  // As Kafka where its metadata are of a version without SCRAM.
  return {ErrorCode::kUnsupportedVersion,
          "this server has no users: clients connect to it without logging in"};
}

}  // namespace

bool AlterUserScramCredentialsHandler::Handle(const net::FrameSession& /*session*/,
                                              const std::shared_ptr<Request>& request,
                                              const Responder& responder) {
  const auto alter = kafka::DecodeAlterUserScramCredentials(request->header);
  if (!alter) return false;
  std::map<std::string_view, Refusal> refusals;  // of each user the first one
  for (const auto& credential : alter->deleted) {
    refusals.try_emplace(credential.user, CheckDeletion(credential));
  }
  for (const auto& credential : alter->made) {
    const auto [refusal, is_first] = refusals.try_emplace(credential.user, CheckNew(credential));
    if (is_first || refusal->second.first != ErrorCode::kUnsupportedVersion) continue;
    refusal->second = {ErrorCode::kDuplicateResource,
                       "A user credential cannot be altered twice in the same request"};
  }
  std::vector<kafka::AlteredUser> users;
  for (const auto& [name, refusal] : refusals) {
    users.push_back({.name = name, .error = refusal.first, .message = refusal.second});
  }
  responder->Send(kafka::EncodeAlterUserScramCredentials(request->header, users));
  return true;
}

}  // namespace st::api
