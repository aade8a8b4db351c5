#include "format/kafka/delete_records.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto topics = DecodeDeleteRecords(request);
  if (!topics) return std::nullopt;
  std::string out;
  for (const auto& topic : *topics) {
    for (const auto& one : topic.partitions) {
      out +=
          fmt::format("{}{}/{}<{}", out.empty() ? "" : " ", topic.name, one.partition, one.before);
    }
  }
  return out;
}

TEST(DeleteRecords, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kDeleteRecordsApi, Meaning);
}

TEST(DeleteRecords, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kDeleteRecordsApi.key, Meaning);
}

TEST(DeleteRecords, AnswersAreThoseOfAnotherEncoder) {
  testing::ExpectAnswers(kDeleteRecordsApi, [](const RequestHeader& request) {
    return EncodeDeleteRecords(
        request, {{.name = "t",
                   .partitions = {{.partition = 0, .low_watermark = 7},
                                  {.partition = 1, .error = ErrorCode::kOffsetOutOfRange}}}});
  });
}

}  // namespace
}  // namespace st::kafka
