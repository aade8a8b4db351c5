// Pipelines over a log that lost records to damage.
#include "stream/losses.h"

#include "log/repair.h"
#include "stream/table_reset.h"
#include "stream/testing.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LostRecords : public testing::PipelineTest {
 protected:
  Dependencies To() { return {.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}; }
  // Destroys the batch with this value and repairs the log.
  void Lose(const std::string& value) {
    const std::string path = "/log/00000000000000000001.log";
    pipeline_.reset();
    log_.reset();
    std::string bytes = log_fs_.Contents(path);
    const auto at = bytes.find(value);
    ASSERT_NE(at, std::string::npos);
    bytes[at] ^= 1;
    log_fs_.Overwrite(path, bytes);
    const auto plan = log::PlanRepair(log_fs_, "/log", {.now_us = 1'000'000, .may_cut = false});
    ASSERT_TRUE(plan);
    ASSERT_TRUE(plan->refused.empty()) << plan->refused[0].reason;
    ASSERT_EQ(plan->steps.size(), 1U);
    ASSERT_TRUE(log::RepairLog(log_fs_, *plan, "/removed"));
    OpenLog();
    Restart();
  }
};

TEST_F(LostRecords, ThatWereNotReadStopThePipelineUntilAPersonAcceptsThat) {
  Produce({"a"});
  Drain();
  Produce({"lost one", "lost two"});
  Produce({"b"});
  Lose("lost one");
  for (int opened = 0; opened < 2; ++opened) {
    const auto step = Step();
    ASSERT_FALSE(step);
    EXPECT_TRUE(NeedsPerson(step.error()));
    EXPECT_THAT(step.error().message(),
                HasSubstr("the log lost records that were not read yet, as its repair says: "
                          "events/0 offsets 1 to 2 (2 records)"));
    Restart();
  }
  EXPECT_THAT(Rows(), ElementsAre("0/0 a"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(),
              ElementsAre("events/0 offsets 1 to 2 (2 records)"));
  EXPECT_THAT(AcceptLosses(To(), definition_).value(), ElementsAre());
  Restart();
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/3 b"));
}

TEST_F(LostRecords, ThatWereReadStopNothingAndAResetNamesThem) {
  Produce({"a"});
  Produce({"lost"});
  Drain();
  Produce({"b"});
  Lose("lost");
  Drain();
  EXPECT_THAT(Rows(), ElementsAre("0/0 a", "0/1 lost", "0/2 b"));
  const auto plan = PlanReset(To(), definition_).value();
  ASSERT_EQ(plan.removed.size(), 1U);
  EXPECT_EQ(plan.removed[0].from, 1);
  EXPECT_EQ(plan.removed[0].end, 2);
}

}  // namespace
}  // namespace st::stream
