#include "project/served_project.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "log/testing.h"
#include "os/testing/memory_file_system.h"
#include "os/thread.h"
#include "project/event_versions.h"

namespace st::project {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ServedProjectTest : public ::testing::Test {
 protected:
  void TearDown() override { log_->Stop(); }
  static Project Files(const std::string& fields, const std::string& pipeline = "p") {
    Project out;
    auto event = event::ParseDeclaration(
        "name = \"a\"\nroute = \"GET /a\"\nreply = \"\"\n[fields]\nevent_type = \"a\"\n" + fields,
        "events/a.toml");
    EXPECT_TRUE(event) << event.error().message();
    out.events.push_back(event.value());
    out.pipelines = dialect::spark::ParsePipelineFile(
                        "pipelines/p.sql", "CREATE STREAMING TABLE " + pipeline +
                                               " AS SELECT CAST(value AS STRING) AS v FROM "
                                               "STREAM(events)")
                        .value();
    return out;
  }
  Result<ServedProject> Make(Project files) {
    ST_TRY(const auto recorded, ReadRecordedState(*log_));
    warnings_.clear();
    return MakeServedProject(std::move(files), recorded, warnings_);
  }
  void Record(const ServedProject& served) {
    ASSERT_TRUE(RecordEventVersions(*log_, 7, served.added));
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_ =
      log::LocalLog::Open({fs_, clock_, *random_}, {.dir = "/log", .reserve_bytes = 0}).value();
  std::vector<std::string> warnings_;
};

TEST_F(ServedProjectTest, HasTheTablesOfEventsAndFiles) {
  const auto served = Make(Files("n = {}\n"));
  ASSERT_TRUE(served) << served.error().message();
  ASSERT_EQ(served->pipelines.size(), 2U);
  EXPECT_EQ(served->pipelines[0].name, "a");
  EXPECT_EQ(served->pipelines[1].name, "p");
  EXPECT_TRUE(served->HasTable("A"));
  EXPECT_FALSE(served->HasTable("b"));
  EXPECT_NE(served->FindEvent("a"), nullptr);
  EXPECT_EQ(served->FindEvent("p"), nullptr);
  EXPECT_EQ(served->rules, nullptr);
}

TEST_F(ServedProjectTest, RecordsMoreThanABatchHolds) {
  constexpr std::size_t kText = 3'000'000;
  constexpr int kEvents = 6;
  Project files;
  for (int i = 0; i < kEvents; ++i) {
    auto event = event::ParseDeclaration(
        fmt::format(
            "name = \"e{0}\"\n[fields]\nevent_type = \"e{0}\"\nx = {{ one_of = [\"{1}\"] }}\n", i,
            std::string(kText, 'x')),
        "events/e.toml");
    ASSERT_TRUE(event) << event.error().message();
    files.events.push_back(event.value());
  }
  const auto served = Make(files);
  ASSERT_TRUE(served) << served.error().message();
  EXPECT_EQ(EncodeVersions(7, served->added).size(), 3U) << "two are larger than the limit";
  Record(*served);
  const auto again = Make(files);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->added.size(), 0U);
}

TEST_F(ServedProjectTest, ListsTheVersionsThatTheLogLacks) {
  const auto first = Make(Files("n = {}\n"));
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->added.size(), 1U);
  EXPECT_EQ(log_->Topics().size(), 0U) << "nothing is written before it is asked for";
  Record(*first);
  const auto same = Make(Files("n = {}\n"));
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_TRUE(same->added.empty());
  const auto grown = Make(Files("m = { type = \"long\" }\nn = {}\n"));
  ASSERT_TRUE(grown) << grown.error().message();
  EXPECT_EQ(grown->added.size(), 1U);
  EXPECT_EQ(grown->versions.at("a").size(), 2U);
}

TEST_F(ServedProjectTest, IsTheSameFromFilesAndFromTheOpenLog) {
  const auto first = Make(Files("n = {}\n"));
  ASSERT_TRUE(first) << first.error().message();
  Record(*first);
  const auto open = ReadRecordedState(*log_);
  const auto read = ReadRecordedFiles(fs_, "/log", {});
  ASSERT_TRUE(open) << open.error().message();
  ASSERT_TRUE(read) << read.error().message();
  const auto& files = read->state;
  EXPECT_THAT(files.TopicNames(), ElementsAre(kDeclarationsTopic));
  EXPECT_EQ(files.topics, open->topics);
  EXPECT_EQ(event::EncodeVersion(files.versions.at("a").at(0)),
            event::EncodeVersion(open->versions.at("a").at(0)));
  EXPECT_TRUE(ReadRecordedFiles(fs_, "/other", {})->state.topics.empty());
}

TEST_F(ServedProjectTest, SaysThatNoTableReadsATable) {
  auto files = Files("n = {}\n", "y");
  files.pipelines.push_back(
      dialect::spark::ParsePipelineFile("pipelines/q.sql",
                                        "CREATE STREAMING TABLE x AS SELECT offset FROM STREAM(y)")
          .value()
          .front());
  const auto refused = Make(std::move(files));
  ASSERT_FALSE(refused);
  EXPECT_THAT(
      refused.error().message(),
      HasSubstr("pipelines/q.sql:1:24: a pipeline reads topics, and STREAM(y) is the table at "
                "pipelines/p.sql:1:24"));
}

TEST_F(ServedProjectTest, KeepsWarningsBeforeAnError) {
  const auto refused = Make(Files("n = \"int\"\n", "A"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("pipelines/p.sql:1:24: table \"a\" has the name of the table at"));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("field \"n\" is the text \"int\"")));
}

// As a reload does it: from the log, which takes events meanwhile, beside requests that read the
// value that is served.
TEST_F(ServedProjectTest, IsMadeWhileEventsAreAppendedAndTheOldOneIsRead) {
  const auto served = Make(Files("n = {}\n"));
  ASSERT_TRUE(served) << served.error().message();
  Record(*served);
  ASSERT_TRUE(log_->CreateTopic("events", 1));
  const TopicPartition tp{.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
  std::atomic<int> working = 4;
  std::vector<os::Thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back("appender", [&] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_TRUE(log::testing::AppendAndWait(*log_, tp, log::testing::Batch({"x"})));
      }
      --working;
    });
    threads.emplace_back("reloader", [&] {
      for (int n = 0; n < 20; ++n) {
        const auto recorded = ReadRecordedState(*log_);
        EXPECT_TRUE(recorded) << recorded.error().message();
        if (!recorded) break;
        std::vector<std::string> warnings;
        const auto grown =
            MakeServedProject(Files("m = { type = \"long\" }\nn = {}\n"), *recorded, warnings);
        EXPECT_TRUE(grown) << grown.error().message();
        if (!grown) break;
        EXPECT_EQ(grown->added.size(), 1U);
        EXPECT_EQ(grown->versions.at("a").size(), 2U);
      }
      --working;
    });
    threads.emplace_back("reader", [&] {
      while (working > 0) {
        EXPECT_TRUE(served->HasTable("A"));
        EXPECT_NE(served->FindEvent("a"), nullptr);
      }
    });
  }
  for (auto& thread : threads) thread.Join();
  EXPECT_EQ(log_->EndOffset(tp), Offset(40));
}

}  // namespace
}  // namespace st::project
