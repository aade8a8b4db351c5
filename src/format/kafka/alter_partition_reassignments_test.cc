#include "format/kafka/alter_partition_reassignments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto alter = DecodeAlterPartitionReassignments(request);
  if (!alter) return std::nullopt;
  std::string shown = fmt::format("may={}", alter->may_change_replication ? 1 : 0);
  for (const auto& topic : alter->topics) {
    std::vector<std::string> moves;
    for (const auto& move : topic.partitions) {
      moves.push_back(fmt::format(
          "{}>{}", move.partition,
          move.replicas ? fmt::format("{}", fmt::join(*move.replicas, "+")) : std::string("-")));
    }
    shown += fmt::format(" {}:{}", topic.name, fmt::join(moves, ","));
  }
  return shown;
}

TEST(AlterPartitionReassignments, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kAlterPartitionReassignmentsApi, Meaning);
}

TEST(AlterPartitionReassignments, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kAlterPartitionReassignmentsApi.key, Meaning);
}

TEST(AlterPartitionReassignments, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kAlterPartitionReassignmentsApi, [](const RequestHeader& request) {
    return EncodeAlterPartitionReassignments(
        request, request.version == 0,
        {{"t",
          {{.partition = 1, .error = ErrorCode::kInvalidReplicaAssignment, .message = "no"},
           {.partition = 2, .message = {}}}}});
  });
}

}  // namespace
}  // namespace st::kafka
