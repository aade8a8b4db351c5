#include "format/kafka/describe_log_dirs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::string Lists(const std::vector<TopicWith<std::int32_t>>& topics) {
  std::vector<std::string> shown;
  for (const auto& topic : topics) {
    shown.push_back(fmt::format("{}:{}", topic.name, fmt::join(topic.partitions, ",")));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto describe = DecodeDescribeLogDirs(request);
  if (!describe) return std::nullopt;
  return describe->topics ? Lists(*describe->topics) : "*";
}

TEST(DescribeLogDirs, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeLogDirsApi, Meaning);
}

TEST(DescribeLogDirs, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeLogDirsApi.key, Meaning);
}

TEST(DescribeLogDirs, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeLogDirsApi, [](const RequestHeader& request) {
    return EncodeDescribeLogDirs(
        request, {.path = "/log",
                  .topics = {{"t", {{.partition = 1, .bytes = 10}, {.partition = 2, .bytes = 20}}}},
                  .total_bytes = 90,
                  .usable_bytes = 80});
  });
}

}  // namespace
}  // namespace st::kafka
