#include "format/kafka/list_partition_reassignments.h"

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
  const auto list = DecodeListPartitionReassignments(request);
  if (!list) return std::nullopt;
  return list->topics ? Lists(*list->topics) : "*";
}

TEST(ListPartitionReassignments, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kListPartitionReassignmentsApi, Meaning);
}

TEST(ListPartitionReassignments, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kListPartitionReassignmentsApi.key, Meaning);
}

TEST(ListPartitionReassignments, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kListPartitionReassignmentsApi, [](const RequestHeader& request) {
    return EncodeListPartitionReassignments(request);
  });
}

}  // namespace
}  // namespace st::kafka
