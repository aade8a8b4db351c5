// Pause, reset and rollback of a pipeline's table, with a worker in memory.
#include "stream/table_control.h"

#include "stream/rewinds.h"
#include "stream/table_reset.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = testing::FlakyLake::Outcome;

const lake::TableName kTable{.schema = "default", .name = "t"};

class TableControl : public testing::PipelineTest {
 protected:
  Dependencies To() { return {.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}; }
  // The SELECT of the pipeline is another one from now on: what begins with `bad_prefix` is a dead
  // letter.
  void Change(const std::string& statement, const std::string& bad_prefix) {
    definition_.statement = statement;
    Restart();
    worker_->bad_prefix = bad_prefix;
  }
  SnapshotId Snapshot() { return lake_->Load(kTable).value()->snapshot.value(); }
  Result<RollbackReport> RollBackTo(SnapshotId snapshot) {
    return RollBack(To(), {.table = kTable, .snapshot = snapshot, .reason = "for a test"});
  }
  bool IsRedoDue() { return Redo::IsDue(*lake_->Load(kTable).value()); }
  std::int64_t DeadLettersOf(const lake::TableName& table) {
    const auto view = lake_->Load(table).value();
    return DecodeProgress(view->properties.at(kOffsetsProperty))->flows.at("t").dead_letters;
  }
  void ExpectPaused(const std::string& reason) {
    const auto step = Step();
    ASSERT_TRUE(step) << step.error().message();
    EXPECT_EQ(step->paused, reason);
    EXPECT_EQ(step->records, 0);
  }
  void ResumeAndDrain() {
    ASSERT_TRUE(Resume(To(), definition_));
    Drain();
  }
};

TEST_F(TableControl, APausedPipelineMovesNothingOverRestarts) {
  Produce({"a"});
  Drain();
  EXPECT_EQ(Pause(To(), definition_, "yesterday by a person").value(), std::nullopt);
  Produce({"b", "bad"});
  ExpectPaused("yesterday by a person");
  OpenLake();
  Restart();
  ExpectPaused("yesterday by a person");
  EXPECT_EQ(Step()->partitions.at(0).next, 1);
  EXPECT_EQ(Step()->partitions.at(0).end, 3);
  EXPECT_EQ(worker_->jobs, 0);
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_EQ(Resume(To(), definition_).value(), "yesterday by a person");
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 b"));
  EXPECT_THAT(Dead(), ElementsAre("0/2 not_json"));
  EXPECT_EQ(Resume(To(), definition_).value(), std::nullopt);
}

TEST_F(TableControl, ThePauseThatCameFirstStays) {
  ASSERT_TRUE(Pause(To(), definition_, "first"));  // makes the table
  EXPECT_EQ(Pause(To(), definition_, "second").value(), "first");
  Produce({"a"});
  ExpectPaused("first");
}

TEST_F(TableControl, APausedPipelineMayHaveOtherColumns) {
  Produce({"a"});
  Drain();
  ASSERT_TRUE(Pause(To(), definition_, "to change it"));
  definition_.columns = {{"w", "long", "BIGINT"}};
  Restart();
  ExpectPaused("to change it");
  ASSERT_TRUE(Resume(To(), definition_));
  EXPECT_THAT(Step().error().message(), HasSubstr("steelthread pipeline reset t"));
}

TEST_F(TableControl, AChangeIsTriedUntilItsOutcomeIsKnown) {
  Drain();
  for (const auto outcome : {Outcome::kConflict, Outcome::kLostUnknown, Outcome::kLandsUnknown}) {
    flaky_->outcomes = {outcome};
    EXPECT_EQ(Pause(To(), definition_, "why").value(), std::nullopt);
    ExpectPaused("why");
    flaky_->outcomes = {outcome};
    EXPECT_EQ(Resume(To(), definition_).value(), "why");
    EXPECT_EQ(Step()->paused, "");
  }
}

TEST_F(TableControl, AResetFillsTheTableAgainWithAChangedDefinition) {
  Produce({"a", "bad", "skip", "poison", "x"});
  Drain();
  Produce({"b", "bad too"}, 1);
  Drain();
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/3 sql_error", "1/1 not_json"));
  definition_.columns = {{"w", "long", "BIGINT"}};
  Change("SELECT w", "x");
  ASSERT_FALSE(Step());
  const auto plan = PlanReset(To(), definition_).value();
  EXPECT_EQ(plan.rows, 3);
  EXPECT_EQ(plan.dead_letters, 3);
  ASSERT_EQ(plan.partitions.size(), 2U);
  EXPECT_EQ(plan.partitions[0].next, 0);
  EXPECT_EQ(plan.partitions[0].end, 5);
  EXPECT_EQ(Reset(To(), definition_)->rows, 3);
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_TRUE(IsRedoDue());
  EXPECT_EQ(Drain().records, 7);
  EXPECT_FALSE(IsRedoDue());
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 bad", "1/0 b", "1/1 bad too"));
  EXPECT_THAT(Dead(), ElementsAre("0/3 sql_error", "0/4 not_json"));
  EXPECT_EQ(DeadLettersOf(kTable), 2);
  EXPECT_EQ(DeadLettersOf(kBadRows), 2);
  EXPECT_EQ(lake_->Load(kTable).value()->columns.at(0).name, "w");
  Restart();
  EXPECT_EQ(Drain().records, 0);
}

TEST_F(TableControl, AResetEndsAPauseAndMayBeRepeated) {
  Produce({"a", "bad"});
  Drain();
  ASSERT_TRUE(Pause(To(), definition_, "why"));
  ASSERT_TRUE(Reset(To(), definition_));
  ASSERT_TRUE(Reset(To(), definition_));
  EXPECT_EQ(Drain().records, 2);
  ASSERT_TRUE(Reset(To(), definition_));
  EXPECT_EQ(Drain().records, 2);
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
}

TEST_F(TableControl, AResetLeavesTheDeadLettersOfOtherPipelines) {
  auto other = definition_;
  other.name = "u";
  testing::FakeTransformer worker(log_fs_, *fs_);
  Pipeline second(To(), other, worker);
  Produce({"bad 1", "a", "bad 2"});
  Drain();
  ASSERT_TRUE(second.Step(clock_.NowUs()));
  EXPECT_EQ(Dead().size(), 4U);
  const auto files = lake_->Load(kBadRows).value()->files.size();
  Produce({"bad 3"});
  ASSERT_TRUE(Reset(To(), definition_));
  EXPECT_EQ(Drain().dead_letters, 3);
  EXPECT_EQ(worker_->rewrites, 1);
  EXPECT_EQ(lake_->Load(kBadRows).value()->files.size(), files) << "the other's file stays";
  ASSERT_TRUE(second.Step(clock_.NowUs()));
  EXPECT_THAT(Dead(), ElementsAre("0/0 not_json", "0/0 not_json", "0/2 not_json", "0/2 not_json",
                                  "0/3 not_json", "0/3 not_json"));
}

TEST_F(TableControl, ARollbackTakesRowsAndDeadLettersBack) {
  Produce({"a", "bad 1"});
  Drain();
  const auto snapshot = Snapshot();
  Produce({"b", "bad 2", "poison"});
  Produce({"c"}, 1);
  Drain();
  const auto done = RollBackTo(snapshot);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->rows_before, 3);
  EXPECT_EQ(done->rows_after, 1);
  EXPECT_EQ(done->dead_letters, 1);
  EXPECT_EQ(done->partitions.at(0).next, 2);
  EXPECT_TRUE(IsRedoDue());
  ExpectPaused("for a test");
  EXPECT_FALSE(IsRedoDue());
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
  EXPECT_EQ(DeadLettersOf(kBadRows), 1);
  ResumeAndDrain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b", "1/0 c"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/3 not_json", "0/4 sql_error"));
}

TEST_F(TableControl, AfterARollbackAnotherDefinitionGoesOn) {
  Produce({"a", "bad 1"});
  Drain();
  const auto snapshot = Snapshot();
  Change("SELECT 2", "bad");
  Produce({"x", "bad 2"});
  Drain();
  ASSERT_TRUE(RollBackTo(snapshot));
  Change("SELECT 3", "x");
  ResumeAndDrain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/3 bad 2"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/2 not_json"));
  const auto history = lake_->Load(kTable).value()->properties.at(kDefinitionsProperty);
  EXPECT_THAT(history, HasSubstr("SELECT v"));
  EXPECT_THAT(history, HasSubstr("SELECT 3"));
  EXPECT_FALSE(history.contains("SELECT 2")) << "none of its rows is left: " << history;
}

TEST_F(TableControl, ARollbackGoesForwardWhereNoDeadLetterIsLost) {
  Produce({"a", "bad 1"});
  Drain();
  const auto early = Snapshot();
  Produce({"b"});
  Drain();
  const auto late = Snapshot();
  Produce({"c", "bad 2"});
  Drain();
  const auto last = Snapshot();
  ASSERT_TRUE(RollBackTo(early));
  ExpectPaused("for a test");
  ASSERT_TRUE(RollBackTo(late));
  ExpectPaused("for a test");
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
  const auto lost = RollBackTo(last);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(lost.error().message(), HasSubstr("goes with 2 dead letters"));
  ResumeAndDrain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/2 b", "0/3 c"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json", "0/4 not_json"));
}

TEST_F(TableControl, ARollbackUndoesAResetWhereThereWereNoDeadLetters) {
  Produce({"a", "x"});
  Drain();
  const auto before = Snapshot();
  Change("SELECT 2", "x");
  ASSERT_TRUE(Reset(To(), definition_));
  Drain();
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
  ASSERT_TRUE(RollBackTo(before));
  ExpectPaused("for a test");
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 x"));
  EXPECT_THAT(Dead(), IsEmpty()) << "it belongs to rows that are gone";
  Produce({"x"});
  ResumeAndDrain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 x"));
  EXPECT_THAT(Dead(), ElementsAre("0/2 not_json"));
}

TEST_F(TableControl, AStepThatRunsMeanwhileCommitsNoRow) {
  Produce({"a"});
  Drain();
  const auto snapshot = Snapshot();
  Produce({"b", "bad"});
  worker_->before_job = [&] { ASSERT_TRUE(RollBackTo(snapshot)); };
  EXPECT_EQ(Step().error().code(), ErrorCode::kConflict);
  worker_->before_job = {};
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  ExpectPaused("for a test");
  EXPECT_THAT(Dead(), IsEmpty());
  ResumeAndDrain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 b"));
  EXPECT_THAT(Dead(), ElementsAre("0/2 not_json"));
}

TEST_F(TableControl, ATableThatWasDroppedIsFilledAgainWithItsDeadLetters) {
  Produce({"a", "bad", "x", "c"});
  Drain();
  ASSERT_TRUE(lake_->Drop(kTable));
  Change("SELECT other", "x");
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 bad", "0/3 c"));
  EXPECT_THAT(Dead(), ElementsAre("0/2 not_json"));
  EXPECT_FALSE(IsRedoDue());
}

TEST_F(TableControl, RefusesARollbackBehindARename) {
  Produce({"a"});
  Drain();
  const auto first = Snapshot();
  const lake::TableName renamed{.schema = "default", .name = "u"};
  auto progress = DecodeProgress(lake_->Load(kTable).value()->properties.at(kOffsetsProperty));
  auto flow = progress->flows.extract("t");
  flow.key() = "u";
  progress->flows.insert(std::move(flow));
  ASSERT_TRUE(lake_->Rename(kTable, renamed, {{kOffsetsProperty, EncodeProgress(*progress)}}));
  const auto refused = RollBack(To(), {.table = renamed, .snapshot = first, .reason = "a test"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("had the name t"));
}

TEST_F(TableControl, RefusesARollbackWithTheReason) {
  Produce({"a", "bad"});
  Drain();
  const auto refusal = [&](const lake::TableName& table, SnapshotId snapshot) {
    const auto done = RollBack(To(), {.table = table, .snapshot = snapshot, .reason = "why"});
    EXPECT_FALSE(done);
    return done ? "" : done.error().message();
  };
  EXPECT_THAT(refusal(kBadRows, lake_->Load(kBadRows).value()->snapshot.value()),
              HasSubstr("has the dead letters of every pipeline"));
  EXPECT_THAT(refusal(kTable, SnapshotId(7)), HasSubstr("7"));
  const lake::TableName foreign{.schema = "default", .name = "foreign"};
  ASSERT_TRUE(lake_->Create(foreign, {{.id = 1, .name = "v", .type = "string"}}, {}));
  EXPECT_THAT(refusal(foreign, SnapshotId(7)), HasSubstr("was not made by a pipeline"));
}

TEST_F(TableControl, WaitsWithARedoUntilBadRowsCanBeRead) {
  Produce({"a", "bad"});
  Drain();
  ASSERT_TRUE(Reset(To(), definition_));
  FailBadRowsFromItsLink();
  EXPECT_FALSE(Step());
  EXPECT_FALSE(Step());
  EXPECT_TRUE(IsRedoDue());
  fs_->SetHook({});
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(Dead(), ElementsAre("0/1 not_json"));
}

TEST_F(TableControl, RemembersFiftyRewinds) {
  Produce({"a"});
  Drain();
  const TopicId id = log_->FindTopic("events")->id;
  const auto at = [&](std::int64_t next, std::int64_t timeline) {
    FlowProgress progress;
    progress.topics[id][0] = next;
    progress.timeline = timeline;
    return progress;
  };
  auto rewinds = Rewinds::Of(*lake_->Load(kTable).value()).value();
  for (std::int64_t i = 1; i <= 60; ++i) rewinds.Add(at(i, i));
  EXPECT_EQ(NextOf(rewinds.Kept(at(100, 60)), {id, PartitionId(0)}, 0), 100);
  EXPECT_EQ(NextOf(rewinds.Kept(at(100, 59)), {id, PartitionId(0)}, 0), 60);
  EXPECT_EQ(NextOf(rewinds.Kept(at(100, 0)), {id, PartitionId(0)}, 0), 1);
  rewinds.Add(at(30, 61));
  EXPECT_EQ(NextOf(rewinds.Kept(at(100, 60)), {id, PartitionId(0)}, 0), 30);
  auto view = *lake_->Load(kTable).value();
  view.properties[kRewindsProperty] = rewinds.Encode();
  EXPECT_EQ(Rewinds::Of(view)->Encode(), rewinds.Encode());
  view.properties[kRewindsProperty] = "{";
  EXPECT_EQ(Rewinds::Of(view).error().code(), ErrorCode::kCorruption);
}

}  // namespace
}  // namespace st::stream
