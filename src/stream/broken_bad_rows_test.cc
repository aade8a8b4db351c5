#include "stream/standing.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A pipeline whose table can be read, beside a bad.rows of which the newest metadata is torn.
class BrokenBadRows : public testing::PipelineTest {
 protected:
  // Tears the file and opens the lake as a new process does.
  void Break() {
    const auto view = lake_->Load(kBadRows).value();
    metadata_file_ = view->metadata_file;
    whole_ = fs_->Contents(metadata_file_);
    fs_->Overwrite(metadata_file_, whole_.substr(0, whole_.size() / 2));
    OpenLake();
    Restart();
    ASSERT_EQ(lake_->Problems().size(), 1U);
    ASSERT_EQ(lake_->Problems()[0].table, kBadRows);
  }
  void PutBack() { fs_->Overwrite(metadata_file_, whole_); }

  // Commits the dead letters of the records, each a batch, but not their rows.
  void CrashBetweenTheCommits(const std::vector<std::string>& values) {
    for (const auto& value : values) Produce({value});
    fs_->SetHook([](const std::string&, const std::string& path) -> Status {
      if (!path.contains("/default/t/metadata/")) return {};
      return Fail(ErrorCode::kIo, "the power is gone");
    });
    ASSERT_FALSE(Step());
    fs_->SetHook({});
  }

  void ExpectWaiting(const Result<StepReport>& step, const std::string& reason) {
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code(), ErrorCode::kCorruption);
    EXPECT_TRUE(NeedsPerson(step.error()));
    EXPECT_THAT(step.error().message(), HasSubstr(reason));
    EXPECT_THAT(step.error().message(), HasSubstr(metadata_file_));
    EXPECT_THAT(step.error().message(), HasSubstr("restore the data folder"));
  }

  std::string metadata_file_;
  std::string whole_;
};

TEST_F(BrokenBadRows, RecordsThatAreRowsGoOn) {
  Produce({"a", "bad"});
  Drain();
  Break();
  Produce({"b", "skip"});
  const auto step = Step();
  ASSERT_TRUE(step) << step.error().message();
  EXPECT_EQ(step->rows, 1);
  EXPECT_EQ(step->total_dead_letters, 1) << "as the table counted";
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b"));
  PutBack();
  Produce({"c", "bad"});
  EXPECT_EQ(Drain().dead_letters, 1);
  EXPECT_TRUE(lake_->Problems().empty());
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b", "0/4 c"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/5 not_json"));
}

TEST_F(BrokenBadRows, ANewPipelineBegins) {
  ASSERT_TRUE(Step());
  Break();
  Produce({"a"});
  EXPECT_EQ(Drain().rows, 1);
}

TEST_F(BrokenBadRows, ADeadLetterWaitsWithItsStep) {
  Produce({"a", "bad"});
  Drain();
  for (const auto& value : {"bad", "poison", "killer"}) {
    Break();
    Produce({"b", value});
    const auto rows = Rows();
    const auto files = DataFiles();
    for (int i = 0; i < 3; ++i) {
      ExpectWaiting(Step(),
                    "of the next 2 records of events the pipeline cannot take 1, and it waits "
                    "because table bad.rows cannot take them as dead letters: ");
      EXPECT_EQ(Rows(), rows);
      EXPECT_EQ(DataFiles(), files) << "what was made is discarded";
    }
    PutBack();
    const auto total = Drain();
    EXPECT_EQ(total.rows, 1);
    EXPECT_EQ(total.dead_letters, 1);
    EXPECT_TRUE(lake_->Problems().empty());
  }
  EXPECT_THAT(Dead(),
              ElementsAre("0/1 not_json", "0/3 not_json", "0/5 sql_error", "0/7 kills_worker"));
}

TEST_F(BrokenBadRows, DeadLettersOfBeforeACrashAreNotWrittenTwice) {
  ASSERT_TRUE(Step());
  CrashBetweenTheCommits({"a", "skip", "bad", "b", "poison"});
  Break();
  Restart({.max_records = 1});
  ASSERT_TRUE(Step());
  ASSERT_TRUE(Step());
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  ExpectWaiting(Step(), "of the next 1 records of events the pipeline cannot take 1, ");
  PutBack();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/3 b"));
  EXPECT_THAT(Dead(), ElementsAre("0/2 not_json", "0/4 sql_error"));
}

TEST_F(BrokenBadRows, AChangedPipelineWaits) {
  Produce({"a"});
  Drain();
  CrashBetweenTheCommits({"bad", "b"});
  const auto before = definition_;
  definition_.require = {"host"};
  Break();
  ExpectWaiting(Step(), "pipelines/t.sql:1:24: the pipeline was changed, and ");
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  definition_ = before;
  Restart();
  PutBack();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
}

TEST_F(BrokenBadRows, AnUnknownCommitOfDeadLettersIsReadBeforeAnyStep) {
  ASSERT_TRUE(Step());
  Produce({"a", "bad"});
  FailBadRowsFromItsLink();
  ASSERT_FALSE(Step());
  const int jobs = worker_->jobs;
  ASSERT_FALSE(Step());
  EXPECT_EQ(worker_->jobs, jobs) << "the table may not move before the outcome is known";
  fs_->SetHook({});
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
}

TEST_F(BrokenBadRows, TheStandingIsTheTables) {
  Produce({"a", "bad", "b"});
  Drain();
  Break();
  const auto standing = ReadStanding(*log_, *lake_, definition_);
  ASSERT_TRUE(standing) << standing.error().message();
  EXPECT_EQ(standing->rows, 2);
  EXPECT_EQ(standing->dead_letters, 1);
  EXPECT_EQ(standing->partitions.at(0).next, 3);
}

}  // namespace
}  // namespace st::stream
