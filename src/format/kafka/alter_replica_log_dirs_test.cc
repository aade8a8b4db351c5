#include "format/kafka/alter_replica_log_dirs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto moves = DecodeAlterReplicaLogDirs(request);
  if (!moves) return std::nullopt;
  std::vector<std::string> shown;
  for (const auto& move : *moves) {
    shown.push_back(fmt::format("{}/{}>{}", move.topic, move.partition, move.path));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

TEST(AlterReplicaLogDirs, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kAlterReplicaLogDirsApi, Meaning);
}

TEST(AlterReplicaLogDirs, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kAlterReplicaLogDirsApi.key, Meaning);
}

TEST(AlterReplicaLogDirs, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kAlterReplicaLogDirsApi, [](const RequestHeader& request) {
    return EncodeAlterReplicaLogDirs(
        request, {{.topic = "t", .partition = 1, .path = {}},
                  {.topic = "t", .partition = 2, .path = {}, .error = ErrorCode::kLogDirNotFound}});
  });
}

}  // namespace
}  // namespace st::kafka
