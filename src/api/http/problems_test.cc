#include "api/http/problems.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace st::api::http {
namespace {

TEST(ProblemOf, HasTheStatusAndCodeOfItsError) {
  const std::vector<std::pair<ErrorCode, std::string>> cases = {
      {ErrorCode::kInvalidArgument, "400 invalid_parameter"},
      {ErrorCode::kNotFound, "404 not_found"},
      {ErrorCode::kConflict, "409 in_flight"},
      {ErrorCode::kAlreadyExists, "422 key_reused"},
      {ErrorCode::kUnsupported, "501 unsupported"},
      {ErrorCode::kUnavailable, "503 unavailable"},
      {ErrorCode::kShutdown, "503 unavailable"},
      {ErrorCode::kDeadline, "503 deadline"},
      {ErrorCode::kOutcomeUnknown, "500 outcome_unknown"},
      {ErrorCode::kCorruption, "500 not_stored"},
      {ErrorCode::kIo, "500 not_stored"},
  };
  for (const auto& [code, want] : cases) {
    const auto response = ProblemOf(Error(code, "why"));
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(fmt::format("{} {}", response.status, body.at("code").get<std::string>()), want);
    EXPECT_EQ(HttpStatusFor(code), response.status);
    EXPECT_EQ(body.at("detail"), "Why.");
    EXPECT_EQ(net::FindHeader(response.headers, "Retry-After"),
              want == "503 unavailable" ? "1" : "");
  }
}

TEST(ProblemOf, TakesTheWordsOfItsApi) {
  const auto response = ProblemOf(Error(ErrorCode::kIo, "log.seg: full"),
                                  {.code = "refused", .advice = "Nothing was done."});
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body.at("code"), "refused");
  EXPECT_EQ(body.at("detail"), "log.seg: full. Nothing was done.");
}

}  // namespace
}  // namespace st::api::http
