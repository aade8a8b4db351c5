// Pipelines that read several topics: UNION ALL of streams.
#include <future>

#include "log/repair.h"
#include "stream/losses.h"
#include "stream/table_control.h"
#include "stream/table_reset.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const lake::TableName kTable{.schema = "default", .name = "t"};

// A pipeline of the topics `events` and `game`.
class SeveralTopics : public testing::PipelineTest {
 protected:
  SeveralTopics() { Read({"events", "game"}); }

  Dependencies To() { return {.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}; }
  // Another UNION ALL, and a new process.
  void Read(const std::vector<std::string>& topics) {
    definition_.topics = topics;
    definition_.statement = fmt::format("SELECT v of {} topics", topics.size());
    Restart();
  }
  void Delete(const std::string& topic) {
    std::promise<Status> deleted;
    log_->DeleteTopic(log_->FindTopic(topic)->id,
                      [&](Status done) { deleted.set_value(std::move(done)); });
    ASSERT_TRUE(deleted.get_future().get());
  }
  // The error of a step, which a person must decide about.
  std::string ErrorOfStep() {
    const auto step = Step();
    EXPECT_FALSE(step);
    if (step) return "";
    EXPECT_TRUE(NeedsPerson(step.error()));
    return step.error().message();
  }
};

// Cuts the power before each mutating step of a run, then starts a new process on the disk's
// content.
TEST_F(SeveralTopics, EveryEventOnceWhereverItCrashes) {
  Produce({"a", "bad"});
  Produce({"g", "poison"}, 1, "game");
  Produce({"skip", "b"}, 1);
  Produce({"killer", "bad too", "h"}, 0, "game");
  Produce({"c"});
  const std::vector<std::string> rows = {"events/0/0 a", "game/1/0 g", "events/1/1 b", "game/0/2 h",
                                         "events/0/2 c"};
  const std::vector<std::string> dead = {"events/0/1 not_json", "game/0/0 kills_worker",
                                         "game/0/1 not_json", "game/1/1 sql_error"};
  const auto empty = fs_->Copy();
  int crashes = 0;
  for (int at = 0;; ++at) {
    fs_ = empty->Copy();
    OpenLake();
    Restart({.max_records = 3});
    int count = 0;
    fs_->SetHook([&](const std::string&, const std::string&) -> Status {
      if (count++ >= at) return Fail(ErrorCode::kIo, "the power is gone");
      return {};
    });
    for (int i = 0; i < 10; ++i) Ignore(Step(), "the power may be gone");
    const bool is_whole = count <= at;
    fs_->SetHook({});
    auto after = fs_->Crash(*random_);
    pipeline_.reset();
    flaky_.reset();
    lake_.reset();
    fs_ = std::move(after);
    OpenLake();
    Restart({.max_records = 2});
    Drain();
    ASSERT_EQ(RowsInOrder(), rows) << "crash at step " << at;
    ASSERT_EQ(Dead(), dead) << "crash at step " << at;
    if (is_whole) break;
    ++crashes;
  }
  EXPECT_GT(crashes, 50);
}

TEST_F(SeveralTopics, ATopicThatDoesNotExistHoldsNoOtherBack) {
  Produce({"a"});
  const auto step = Step();
  ASSERT_TRUE(step) << step.error().message();
  EXPECT_FALSE(step->is_waiting_for_topic);
  EXPECT_EQ(step->rows, 1);
  EXPECT_EQ(step->up_to, log_->end_lsn());
  Produce({"g"}, 0, "game");
  Produce({"b"});
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "game/0/0 g", "events/0/1 b"));
}

// The topic's first record is before the end of the step that does not know the topic yet.
TEST_F(SeveralTopics, ATopicThatIsCreatedWhileAStepIsPlannedKeepsItsPlaceInTheOrder) {
  Produce({"a"});
  Drain();
  Produce({"b"});
  int created = 0;
  log_fs_.SetReadHook([&](const std::string&, std::uint64_t) -> Status {
    if (created++ > 0) return {};
    Produce({"g"}, 0, "game");
    Produce({"c"});
    return {};
  });
  const auto step = Step();
  log_fs_.SetReadHook({});
  ASSERT_TRUE(step) << step.error().message();
  ASSERT_GT(created, 0);
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "events/0/1 b", "game/0/0 g", "events/0/2 c"));
}

TEST_F(SeveralTopics, ADeletedTopicThatWasReadStopsThePipelineByItsName) {
  Produce({"a"});
  Produce({"g", "bad"}, 0, "game");
  Drain();
  const auto id = log_->FindTopic("game")->id.ToString();
  Delete("game");
  Produce({"b"});
  auto error = ErrorOfStep();
  EXPECT_THAT(error, HasSubstr("table default.t was filled from a topic 'game' with id " + id +
                               ", and the topic of that name is missing now"));
  EXPECT_THAT(error, Not(HasSubstr("events")));
  Produce({"new"}, 0, "game");
  error = ErrorOfStep();
  EXPECT_THAT(error, HasSubstr("topic 'game' with id " + id + ", and the topic of that name is " +
                               log_->FindTopic("game")->id.ToString() + " now"));
  EXPECT_THAT(Rows(), ElementsAre("events/0/0 a", "game/0/0 g"));
  const auto plan = Reset(To(), definition_);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->removed.size(), 1U);
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("events/0/0 a", "events/0/1 b", "game/0/0 new"));
  EXPECT_THAT(Dead(), IsEmpty());
}

TEST_F(SeveralTopics, OfTwoThatAreGoneEitherMayBeTheOneThatWasRead) {
  Produce({"a"});
  Drain();
  Delete("events");
  EXPECT_THAT(ErrorOfStep(), HasSubstr("from a topic 'events' or 'game' with id "));
}

TEST_F(SeveralTopics, ADeletedTopicThatIsNotReadAnyMoreStopsThePipelineByItsId) {
  Produce({"a"});
  Produce({"g"}, 0, "game");
  Drain();
  const auto id = log_->FindTopic("game")->id.ToString();
  Delete("game");
  Read({"events"});
  EXPECT_THAT(ErrorOfStep(), HasSubstr("from a topic with id " + id +
                                       ", which the log does not have, and the pipeline at "
                                       "pipelines/t.sql:1:24 reads events now"));
}

TEST_F(SeveralTopics, ADeletedTopicOfWhichNothingWasReadStopsNothing) {
  Produce({"a"});
  Drain();
  Produce({"unread"}, 0, "game");
  Delete("game");
  Produce({"b"});
  Drain();
  Produce({"g"}, 0, "game");
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "0/1 b", "game/0/0 g"));
}

TEST_F(SeveralTopics, ARollbackIsRefusedWhereOneOfTheTopicsIsGone) {
  Produce({"a"});
  Drain();
  const auto early = lake_->Load(kTable).value()->snapshot.value();
  Produce({"g"}, 0, "game");
  Drain();
  const auto late = lake_->Load(kTable).value()->snapshot.value();
  Delete("game");
  Produce({"b"});
  const auto back = [&](SnapshotId snapshot) {
    return RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "for a test"});
  };
  const auto refused = back(late);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("which the log does not have; choose a snapshot from before the table's "
                        "first record of that topic, or have the table filled again from the "
                        "topics that there are: `steelthread pipeline reset t`"));
  const auto done = back(early);
  ASSERT_TRUE(done) << done.error().message();
  ASSERT_TRUE(Step());
  ASSERT_TRUE(Resume(To(), definition_));
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "0/1 b"));
}

TEST_F(SeveralTopics, RecordsThatOneOfThemLostStopThePipelineUntilAPersonAcceptsThat) {
  Produce({"a"});
  Produce({"g"}, 0, "game");
  Drain();
  Produce({"lost"}, 0, "game");
  Produce({"b"});
  const std::string path = "/log/00000000000000000001.log";
  pipeline_.reset();
  log_.reset();
  std::string bytes = log_fs_.Contents(path);
  bytes.at(bytes.find("lost")) ^= 1;
  log_fs_.Overwrite(path, bytes);
  const auto repair = log::PlanRepair(log_fs_, "/log", {.now_us = 1'000'000, .may_cut = false});
  ASSERT_TRUE(repair);
  ASSERT_TRUE(log::RepairLog(log_fs_, *repair, "/removed"));
  OpenLog();
  Restart();
  EXPECT_THAT(ErrorOfStep(), HasSubstr("game/0 offset 1 (1 record)"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), ElementsAre("game/0 offset 1 (1 record)"));
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("events/0/0 a", "game/0/0 g", "events/0/1 b"));
}

TEST_F(SeveralTopics, ATopicThatIsAddedIsReadFromItsBeginning) {
  Read({"events"});
  Produce({"a"});
  Produce({"g"}, 0, "game");
  Produce({"b"});
  Drain();
  Read({"events", "game"});
  Produce({"c"});
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "0/1 b", "game/0/0 g", "events/0/2 c"));
  Read({"events"});
  const auto error = ErrorOfStep();
  EXPECT_THAT(error, HasSubstr("table default.t was filled from topic 'game', and the pipeline at "
                               "pipelines/t.sql:1:24 reads events now; either let it read 'game' "
                               "again, or fill the table anew"));
  ASSERT_TRUE(Reset(To(), definition_));
  Drain();
  EXPECT_THAT(RowsInOrder(), ElementsAre("0/0 a", "0/1 b", "0/2 c"));
}

TEST_F(SeveralTopics, ARollbackTakesTheDeadLettersOfEachTopicBackToTheSnapshot) {
  Produce({"a", "bad"});
  Produce({"g", "bad"}, 0, "game");
  Drain();
  const auto snapshot = lake_->Load(kTable).value()->snapshot.value();
  Produce({"bad", "b"});
  Produce({"bad", "h"}, 0, "game");
  Drain();
  EXPECT_THAT(Dead(), ElementsAre("events/0/1 not_json", "events/0/2 not_json", "game/0/1 not_json",
                                  "game/0/2 not_json"));
  const auto back = RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "for a test"});
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->partitions.size(), 4U);
  ASSERT_TRUE(Step());
  EXPECT_THAT(Rows(), ElementsAre("events/0/0 a", "game/0/0 g"));
  EXPECT_THAT(Dead(), ElementsAre("events/0/1 not_json", "game/0/1 not_json"));
  ASSERT_TRUE(Resume(To(), definition_));
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("events/0/0 a", "events/0/3 b", "game/0/0 g", "game/0/3 h"));
  EXPECT_EQ(Dead().size(), 4U);
}

}  // namespace
}  // namespace st::stream
