#include "format/kafka/api_versions.h"

#include <gtest/gtest.h>

#include <array>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader&) { return "-"; }  // its body is not read

constexpr std::array kOffered = {ApiRange{.key = ApiKey::kFetch, .min = 4, .max = 11},
                                 kApiVersionsApi};

std::string Encode(std::int16_t version, bool unsupported) {
  return HexEncode(EncodeApiVersions({.key = 18, .version = version, .correlation_id = 5}, kOffered,
                                     unsupported));
}

TEST(ApiVersions, GoldenRequestsHaveAHeaderThatIsRead) {
  testing::ExpectMeanings(kApiVersionsApi, Meaning, {1, 2});
}

TEST(ApiVersions, AnUnknownVersionIsAnsweredInVersionZeroWithAllKeys) {
  EXPECT_EQ(Encode(9, true), testing::Packed("00000005 0023 00000002 00010004000b 001200000004"));
  EXPECT_EQ(Encode(0, false), testing::Packed("00000005 0000 00000002 00010004000b 001200000004"));
}

TEST(ApiVersions, AFlexibleAnswerHasCompactArraysAndTagsBehindAPlainHeader) {
  EXPECT_EQ(Encode(3, false),
            testing::Packed("00000005 0000 03 00010004000b 00 001200000004 00 00000000 00"));
}

}  // namespace
}  // namespace st::kafka
