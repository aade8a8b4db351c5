#include "format/kafka/describe_cluster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto describe = DecodeDescribeCluster(request);
  if (!describe) return std::nullopt;
  return fmt::format("operations={} endpoints={}", describe->wants_operations ? 1 : 0,
                     describe->endpoints);
}

TEST(DescribeCluster, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDescribeClusterApi, Meaning);
}

TEST(DescribeCluster, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDescribeClusterApi.key, Meaning);
}

TEST(DescribeCluster, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDescribeClusterApi, [](const RequestHeader& request) {
    return EncodeDescribeCluster(request, true,
                                 {.message = {}, .cluster_id = "log", .host = "h", .port = 9});
  });
}

}  // namespace
}  // namespace st::kafka
