// A new definition that makes nothing but dead letters of one kind.
#include "stream/new_definition.h"

#include "stream/pipeline.h"
#include "stream/table_control.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

constexpr std::int64_t kEnough = kMaxFirstDeadLetters + 1;

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PipelineTest;
using ::testing::SizeIs;

class NewDefinition : public PipelineTest {
 protected:
  static std::vector<std::string> Poison(std::size_t records) {
    return std::vector<std::string>(records, "poison");
  }
  // Why the next step stops the pipeline; "": it does not.
  std::string Stop() {
    const auto step = Step();
    if (step) return "";
    EXPECT_TRUE(NeedsPerson(step.error()));
    return step.error().message();
  }
  Result<std::optional<std::string>> Resumed() {
    return Resume({.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}, definition_);
  }
};

TEST_F(NewDefinition, StopsBeforeItsFirstStepOfDeadLettersIsCommitted) {
  Produce(Poison(kEnough));
  const auto why = Stop();
  EXPECT_THAT(why, HasSubstr("the SELECT has made no row yet, and each of its next 100 records "
                             "would be a dead letter of one kind: sql_error (cannot cast 'poison' "
                             "to INT). They wait. Correct the SELECT"));
  EXPECT_THAT(Dead(), IsEmpty());
  EXPECT_EQ(DataFiles(), 0U);
  Restart();
  EXPECT_THAT(Stop(), EndsWith(why));
  EXPECT_EQ(worker_->jobs, 0);
  const auto standing = ReadStanding(*log_, *lake_, definition_).value();
  EXPECT_EQ(standing.paused, "");
  EXPECT_EQ(standing.partitions.at(0).next, 0);
}

TEST_F(NewDefinition, GoesOnOnceAPersonResumesIt) {
  Produce(Poison(kEnough));
  ASSERT_NE(Stop(), "");
  ASSERT_TRUE(Resumed());
  Restart();
  EXPECT_EQ(Drain().dead_letters, kEnough);
  Produce(Poison(2 * kEnough));
  Restart();
  EXPECT_EQ(Drain().dead_letters, 2 * kEnough);
  EXPECT_THAT(Dead(), SizeIs(3 * kEnough));
}

TEST_F(NewDefinition, TakesTheRecordsOnceItIsCorrected) {
  worker_->bad_prefix = "value";
  Produce(std::vector<std::string>(kEnough, "value"));
  EXPECT_THAT(Stop(), HasSubstr("of one kind: not_json. They wait"));
  definition_.statement = "SELECT other";
  ASSERT_TRUE(Resumed());
  Restart();
  EXPECT_EQ(Drain().rows, kEnough);
  EXPECT_THAT(Dead(), IsEmpty());
}

TEST_F(NewDefinition, ThatIsCorrectedWronglyStopsAgain) {
  Produce(Poison(kEnough));
  ASSERT_NE(Stop(), "");
  definition_.statement = "SELECT other";
  ASSERT_TRUE(Resumed());
  Restart();
  EXPECT_NE(Stop(), "");
  EXPECT_THAT(Dead(), IsEmpty());
}

TEST_F(NewDefinition, StopsAtOneStepAfterAnother) {
  for (int i = 1; i < kEnough; ++i) {
    Produce({"bad"});
    if (i % 10 == 0) Restart();
    const auto step = Step();
    ASSERT_TRUE(step) << step.error().message();
    ASSERT_EQ(step->dead_letters, 1) << i;
  }
  Produce({"bad"});
  EXPECT_NE(Stop(), "");
  EXPECT_THAT(Dead(), SizeIs(kEnough - 1));
}

TEST_F(NewDefinition, ThatHasMadeARowIsNotStoppedByWhatClientsSend) {
  Produce({"a"});
  EXPECT_EQ(Drain().rows, 1);
  Produce(Poison(3 * kEnough));
  Restart();
  EXPECT_EQ(Drain().dead_letters, 3 * kEnough);
  definition_.statement = "SELECT other";
  Produce({"b"});
  Produce(Poison(kEnough));
  Restart();
  EXPECT_EQ(Drain().dead_letters, kEnough);
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/301 b"));
}

TEST_F(NewDefinition, IsNotStoppedByDeadLettersOfSeveralKinds) {
  auto values = Poison(kEnough);
  values.back() = "bad";
  Produce(values);
  EXPECT_EQ(Drain().dead_letters, kEnough);
}

TEST_F(NewDefinition, IsNotStoppedByARecordThatItFilters) {
  auto values = Poison(kEnough);
  values.emplace_back("skip");
  Produce(values);
  EXPECT_EQ(Drain().dead_letters, kEnough);
}

TEST_F(NewDefinition, OfAnEventStopsNever) {
  definition_.identity = "purchase";
  Restart();
  Produce(std::vector<std::string>(kEnough, "bad"));
  EXPECT_EQ(Drain().dead_letters, kEnough);
}

TEST_F(NewDefinition, OfAnEarlierVersionIsNotNew) {
  Produce({"bad"});
  EXPECT_EQ(Drain().dead_letters, 1);
  const auto view = lake_->Load({"default", "t"}).value();
  lake::Append older{.table = view->name, .expected_version = view->version};
  older.removed_properties = {kFirstRowsProperty};
  ASSERT_TRUE(lake_->Commit(older));
  Produce(Poison(kEnough));
  Restart();
  EXPECT_EQ(Drain().dead_letters, kEnough);
}

}  // namespace
}  // namespace st::stream
