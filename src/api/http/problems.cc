#include "api/http/problems.h"

#include <algorithm>

namespace st::api::http {
namespace {

struct Meaning {
  int status;
  std::string_view code;
};

Meaning MeaningOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return {400, "invalid_parameter"};
    case ErrorCode::kNotFound:
      return {404, "not_found"};
    case ErrorCode::kConflict:
      return {409, "in_flight"};
    case ErrorCode::kAlreadyExists:
      return {422, "key_reused"};
    case ErrorCode::kUnsupported:
      return {501, "unsupported"};
    case ErrorCode::kDeadline:
      return {503, "deadline"};
    case ErrorCode::kUnavailable:
    case ErrorCode::kShutdown:
      return {503, "unavailable"};
    case ErrorCode::kOutcomeUnknown:
      return {500, "outcome_unknown"};
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return {500, "not_stored"};
  }
  return {500, "not_stored"};
}

}  // namespace

int HttpStatusFor(ErrorCode code) { return MeaningOf(code).status; }

net::HttpResponse ProblemOf(const Error& error, const ProblemWords& words) {
  const auto meaning = MeaningOf(error.code());
  std::string detail = AsSentence(error.message());
  if (!words.advice.empty()) detail.append(" ").append(words.advice);
  auto response =
      net::Problem(meaning.status, words.code.empty() ? meaning.code : words.code, detail);
  if (meaning.code == "unavailable") response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::string AsSentence(std::string message) {
  if (message.empty()) return message;
  const auto word = std::string_view(message).substr(0, message.find(' '));
  const bool is_word = std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
  if (is_word) message[0] = static_cast<char>(message[0] - 'a' + 'A');
  if (std::string_view(".?!").find(message.back()) == std::string_view::npos) message += '.';
  return message;
}

}  // namespace st::api::http
