#include "api/kafka/fetch_session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/kafka/limits.h"
#include "log/testing.h"
#include "os/random.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"

namespace st::api {
namespace {

using kafka::ErrorCode;
using kafka::FetchedPartition;
using kafka::FetchPartition;

FetchPartition Of(std::string_view topic, std::int32_t partition, std::int64_t offset = 0) {
  return {.topic = {.name = topic}, .partition = partition, .offset = offset};
}
FetchPartition OfId(const TopicId& id, std::int32_t partition) {
  return {.topic = {.id = id}, .partition = partition};
}

// "a/0@5 b/1@0"
std::string PartsOf(const FetchSession& session) {
  std::string out;
  for (const auto& part : session.parts()) {
    out += fmt::format("{}{}/{}@{}", out.empty() ? "" : " ", part.topic->asked.name, part.partition,
                       part.offset);
  }
  return out;
}

// One for each of the session's, as a read gives them.
std::vector<FetchedPartition> Read(const FetchSession& session, std::int64_t end) {
  std::vector<FetchedPartition> parts;
  for (const auto& part : session.parts()) {
    parts.push_back({.topic = part.topic->asked,
                     .partition = part.partition,
                     .high_watermark = end,
                     .log_start = 0,
                     .records = ""});
  }
  return parts;
}

// "a/0 b/1": the parts of an answer.
std::string Named(const std::vector<FetchedPartition>& parts) {
  std::string out;
  for (const auto& part : parts) {
    out += fmt::format("{}{}/{}", out.empty() ? "" : " ", part.topic.name, part.partition);
  }
  return out;
}

TEST(FetchSession, APartitionKeepsItsPlaceAndNewOnesComeBehind) {
  FetchSession session(false);
  session.Update({Of("a", 0), Of("b", 1), Of("a", 1)});
  EXPECT_EQ(PartsOf(session), "a/0@0 b/1@0 a/1@0");
  session.Update({Of("c", 0), Of("b", 1, 7), Of("a", 5)});
  EXPECT_EQ(PartsOf(session), "a/0@0 b/1@7 a/1@0 c/0@0 a/5@0");
}

TEST(FetchSession, OfAPartitionThatIsNamedTwiceTheLastValuesCount) {
  FetchSession session(false);
  session.Update({Of("a", 0, 1), Of("a", 1, 2), Of("a", 0, 3)});
  EXPECT_EQ(PartsOf(session), "a/0@3 a/1@2");
  session.Update({Of("a", 1, 4), Of("b", 0, 5), Of("a", 1, 6), Of("b", 0, 7)});
  EXPECT_EQ(PartsOf(session), "a/0@3 a/1@6 b/0@7");
}

TEST(FetchSession, WhatIsForgottenGoesAlsoIfItIsNamed) {
  FetchSession session(false);
  session.Update({Of("a", 0), Of("a", 1), Of("b", 0)});
  const std::size_t bytes = session.bytes();
  session.Update({Of("a", 1, 9), Of("c", 0)},
                 {{{.name = "a"}, 1}, {{.name = "c"}, 0}, {{.name = "b"}, 3}, {{.name = "d"}, 0}});
  EXPECT_EQ(PartsOf(session), "a/0@0 b/0@0");
  EXPECT_LT(session.bytes(), bytes);
  session.Update({}, {{{.name = "a"}, 0}, {{.name = "b"}, 0}, {{.name = "b"}, 0}});
  EXPECT_EQ(PartsOf(session), "");
  EXPECT_EQ(session.bytes(), FetchSession(false).bytes()) << "no topic is left";
}

TEST(FetchSession, TopicsThatComeAndGoTakeNoMemory) {
  FetchSession session(false);
  session.Update({Of("stays", 0)});
  const std::size_t bytes = session.bytes();
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = fmt::format("goes-{}", i);
    session.Update({Of(name, 0)});
    session.Update({}, {{{.name = name}, 0}});
  }
  EXPECT_EQ(session.bytes(), bytes);
}

TEST(FetchSession, ForgottenPartitionsGiveTheirMemoryBack) {
  FetchSession session(false);
  std::vector<FetchPartition> all;
  std::vector<kafka::ForgottenPartition> forgotten;
  for (std::int32_t partition = 0; partition < kafka::kMaxRequestPartitions; ++partition) {
    all.push_back(Of("a", partition));
    if (partition > 0) forgotten.push_back({{.name = "a"}, partition});
  }
  session.Update(all);
  session.Update({}, forgotten);
  EXPECT_EQ(PartsOf(session), "a/0@0");
  EXPECT_EQ(session.parts().capacity(), 1);
}

TEST(FetchSession, NamesOutliveTheRequest) {
  FetchSession session(false);
  {
    const std::string name = "a name that is too long to be kept in place";
    session.Update({Of(name, 0)});
  }
  EXPECT_EQ(PartsOf(session), "a name that is too long to be kept in place/0@0");
}

TEST(FetchSession, OnlyNewsIsToldAgain) {
  FetchSession session(false);
  session.Update({Of("a", 0), Of("a", 1), Of("a", 2), Of("a", 3), Of("a", 4)});
  auto parts = Read(session, 5);
  session.Tell(parts, false);
  EXPECT_EQ(parts.size(), 5) << "a full answer";
  parts = Read(session, 5);
  session.Tell(parts, true);
  EXPECT_EQ(Named(parts), "");
  parts = Read(session, 5);
  parts[0].high_watermark = 6;
  parts[1].log_start = 1;
  parts[2].error = ErrorCode::kOffsetOutOfRange;
  parts[3].diverging_end = 5;
  session.Tell(parts, true);
  EXPECT_EQ(Named(parts), "a/0 a/1 a/2 a/3");
  parts = Read(session, 5);
  parts[0].high_watermark = 6;
  parts[1].log_start = 1;
  session.Tell(parts, true);
  EXPECT_EQ(Named(parts), "a/2") << "its error is over";
}

TEST(FetchSession, PartitionsWithRecordsGoBehindTheOthers) {
  FetchSession session(false);
  session.Update({Of("a", 0), Of("a", 1), Of("a", 2), Of("a", 3)});
  auto parts = Read(session, 5);
  parts[0].records = "some";
  session.Tell(parts, false);
  EXPECT_EQ(PartsOf(session), "a/0@0 a/1@0 a/2@0 a/3@0") << "a full answer moves none";
  parts = Read(session, 5);
  parts[0].records = parts[2].records = "some";
  session.Tell(parts, true);
  EXPECT_EQ(Named(parts), "a/0 a/2");
  EXPECT_EQ(PartsOf(session), "a/1@0 a/3@0 a/0@0 a/2@0");
}

TEST(FetchSession, PartitionsThatAreNotThereComeLast) {
  FetchSession session(false);
  session.Update({Of("a", 0), Of("a", 1), Of("a", 2), Of("a", 3)});
  for (const bool only_news : {false, true}) {
    auto parts = Read(session, 5);
    parts[0].error = ErrorCode::kUnknownTopicOrPartition;
    parts[1].error = ErrorCode::kOffsetOutOfRange;
    parts[2].error = ErrorCode::kUnknownTopicId;
    parts[3].records = "some";
    session.Tell(parts, only_news);
    EXPECT_EQ(Named(parts), "a/1 a/3 a/0 a/2");
  }
}

class FetchSessionTopics : public ::testing::Test {
 protected:
  TopicId Create(const std::string& name, std::int32_t partitions) {
    return log_->CreateTopic(name, partitions).value().id;
  }
  void Delete(TopicId id) {
    std::promise<Status> done;
    log_->DeleteTopic(id, [&](Status status) { done.set_value(std::move(status)); });
    ASSERT_TRUE(done.get_future().get());
  }
  std::vector<ErrorCode> Errors(FetchSession& session) {
    session.FindTopics(*log_);
    std::vector<ErrorCode> errors;
    for (const auto& part : session.parts()) errors.push_back(part.error());
    return errors;
  }
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_ =
      log::LocalLog::Open(
          {fs_, clock_, *random_},
          {.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10})
          .value();
};

TEST_F(FetchSessionTopics, ANameIsTheTopicThatHasItNow) {
  const TopicId old = Create("a", 2);
  FetchSession session(false);
  session.Update({Of("a", 1), Of("a", 2), Of("a", -1), Of("nowhere", 0)});
  constexpr auto kUnknown = ErrorCode::kUnknownTopicOrPartition;
  EXPECT_EQ(Errors(session), (std::vector{ErrorCode::kNone, kUnknown, kUnknown, kUnknown}));
  EXPECT_EQ(session.parts()[0].tp(), (TopicPartition{old, PartitionId(1)}));
  Delete(old);
  EXPECT_EQ(Errors(session), std::vector(4, kUnknown));
  const TopicId other = Create("a", 3);
  EXPECT_EQ(Errors(session), (std::vector{ErrorCode::kNone, ErrorCode::kNone, kUnknown, kUnknown}));
  EXPECT_EQ(session.parts()[1].tp(), (TopicPartition{other, PartitionId(2)}));
}

TEST_F(FetchSessionTopics, TheNameOfAnIdIsChargedBeforeItIsFound) {
  const std::string longest(kafka::kMaxTopicNameBytes, 'n');
  const TopicId id = Create(longest, 1);
  const std::size_t empty = FetchSession(true).bytes();
  FetchSession session(true);
  session.Update({OfId(id, 0)});
  const std::size_t bytes = session.bytes();
  EXPECT_GE(bytes, empty + sizeof(FetchSession::Part) + longest.size());
  EXPECT_EQ(Errors(session), std::vector{ErrorCode::kNone});
  EXPECT_EQ(session.parts()[0].topic->name, longest);
  EXPECT_EQ(session.bytes(), bytes);
}

TEST_F(FetchSessionTopics, AnIdIsOneTopicForGood) {
  const TopicId id = Create("a", 2);
  FetchSession session(true);
  session.Update({OfId(id, 0), OfId(id, 1), OfId(id, 2), OfId(TopicId(), 0)});
  constexpr auto kUnknown = ErrorCode::kUnknownTopicOrPartition;
  constexpr auto kUnknownId = ErrorCode::kUnknownTopicId;
  EXPECT_EQ(Errors(session),
            (std::vector{ErrorCode::kNone, ErrorCode::kNone, kUnknown, kUnknownId}));
  Delete(id);
  EXPECT_EQ(Errors(session), (std::vector{kUnknown, kUnknown, kUnknown, kUnknownId}));
  Create("a", 1);
  EXPECT_EQ(Errors(session),
            (std::vector{ErrorCode::kInconsistentTopicId, kUnknown, kUnknown, kUnknownId}))
      << "another topic of its name, of one partition";
}

}  // namespace
}  // namespace st::api
