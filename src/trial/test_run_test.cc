// Tests and previews with real workers: each on a log and a lake of a temporary folder.
#include "trial/test_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/testing.h"
#include "os/process.h"
#include "stream/flow_tables.h"
#include "trial/preview.h"

namespace st::trial {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kPipelines = R"(
CREATE STREAMING TABLE prices
TBLPROPERTIES ('steelthread.format' = 'json', 'steelthread.require' = 'item')
AS SELECT get_json_object(CAST(value AS STRING), '$.item') AS item,
  CAST(get_json_object(CAST(value AS STRING), '$.price') AS INT) AS price,
  from_json(CAST(value AS STRING), 'tags ARRAY<STRUCT<name: STRING, n: INT>>').tags AS tags,
  CAST(key AS STRING) AS key, partition, offset, timestamp
FROM STREAM(events);
CREATE STREAMING TABLE cheap PARTITIONED BY (item)
AS SELECT get_json_object(CAST(value AS STRING), '$.item') AS item, topic
FROM STREAM(events) WHERE CAST(get_json_object(CAST(value AS STRING), '$.price') AS INT) < 10;
)";

class TrialTest : public ::testing::Test {
 protected:
  TrialTest() {
    definitions_ = dialect::spark::ParsePipelineFile("p.sql", std::string(kPipelines)).value();
    bench_ =
        Workbench::Open({*fs_, *clock_, *random_},
                        {.worker_program = os::ExecutableDir().value() + "/../../steelthread-sql"})
            .value();
  }
  TestOutcome Run(const std::string& text) {
    file_ = ParseTestFile("t.toml", text).value();
    auto outcome = TestRun(*bench_, definitions_).Run(file_.tests.at(0));
    EXPECT_TRUE(outcome) << outcome.error().message();
    return outcome ? *std::move(outcome) : TestOutcome();
  }
  const dialect::spark::Definition& Prices() const { return definitions_[0]; }

  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  std::vector<dialect::spark::Definition> definitions_;
  std::unique_ptr<Workbench> bench_;
  TestFile file_;
};

TEST_F(TrialTest, RunsPipelinesAndComparesRowsDeadLettersAndStatements) {
  const auto outcome = Run(R"([[test]]
name = "all"
[test.given]
events = [
  { value = { item = "bow", price = 5, tags = [{ name = "x", n = 1 }] }, key = "k", partition = 1 },
  '{"item": "sword", "price": 12}',
  'no JSON',
  { value = '{"item": "map", "price": "much"}', timestamp = 2026-11-30T05:40:00.5Z },
]
[test.expect]
prices = '''
{"item": "sword", "tags": null, "key": null, "timestamp": "2026-01-01 00:00:01.000000 UTC"}
{"item": "bow", "tags": [{"n": 1, "name": "x"}], "key": "k", "partition": 1, "offset": 0}
'''
cheap = '''
{"item": "bow", "topic": "events"}
'''
[[test.sql]]
query = "select sum(price) as s from prices"
rows = '{"s": 17}'
)");
  EXPECT_THAT(outcome.faults, ElementsAre(AllOf(HasSubstr("t.toml:2: bad.rows: want 0 rows, got 3"),
                                                HasSubstr(R"("code": "not_json")"),
                                                HasSubstr(R"("pipeline": "cheap")"))));
}

TEST_F(TrialTest, WritesWhatThereIsAsWhatIsExpected) {
  const std::string text = R"([[test]]
name = "changed" # a comment
given.events = '{"item": "bow", "price": 5}'
expect.prices = '''
{"price": 6, "item": "bow"}
''' # another
)";
  auto outcome = Run(text);
  ASSERT_THAT(outcome.faults,
              ElementsAre(HasSubstr("t.toml:4: prices: want 1 row, got 1\n"
                                    "    - {\"price\": 6, \"item\": \"bow\"}  (t.toml:5)\n"
                                    "    + {\"price\": 5, \"item\": \"bow\"}\n"
                                    "      price: want 6, got 5")));
  const auto edited = Edited(text, outcome.edits);
  EXPECT_EQ(edited, R"([[test]]
name = "changed" # a comment
given.events = '{"item": "bow", "price": 5}'
expect.prices = '''
{"price": 5, "item": "bow"}
''' # another
)");
  EXPECT_THAT(Run(edited).faults, IsEmpty());

  const std::string bad = "[[test]]\nname = 'bad'\ngiven.events = 'x'\nexpect.prices = ''\n";
  outcome = Run(bad);
  const auto with_bad = Edited(bad, outcome.edits);
  EXPECT_THAT(with_bad, HasSubstr("name = 'bad'\nbad = '''\n{\"pipeline\": \"prices\", \"topic\": "
                                  "\"events\", \"partition\": 0, \"offset\": 0, \"code\": "
                                  "\"not_json\", \"reason\": "));
  EXPECT_THAT(Run(with_bad).faults, IsEmpty());
}

TEST_F(TrialTest, TellsWhatATestNamesAndIsNot) {
  EXPECT_THAT(Run("[[test]]\nname = 'x'\nexpect.price = ''\n").faults,
              ElementsAre("t.toml:3: the project has no pipeline \"price\"; did you mean "
                          "\"prices\"?"));
  EXPECT_THAT(Run("[[test]]\nname = 'x'\ngiven.events = '{\"item\": 1}'\n"
                  "sql = [{ query = 'select nosuch from prices', rows = '' }]\n")
                  .faults,
              ElementsAre(HasSubstr("t.toml:4: line 1:8: Column 'nosuch' cannot be resolved")));
}

// An expectation without rows holds for a topic that nothing reads.
TEST_F(TrialTest, RefusesRecordsOfATopicThatNoPipelineReads) {
  EXPECT_THAT(Run("[[test]]\nname = 'x'\ngiven.event = '{}'\nexpect.prices = ''\n").faults,
              ElementsAre("t.toml:2: given.event: no pipeline reads topic \"event\"; did you mean "
                          "\"events\"?"));
  EXPECT_THAT(Run("[[test]]\nname = 'x'\ngiven.'a b' = 'x'\nexpect.prices = ''\n").faults,
              ElementsAre("t.toml:2: given.a b: no pipeline reads topic \"a b\""));
}

TEST_F(TrialTest, LeavesNothingBehind) {
  const auto folder = bench_->folder();
  Run("[[test]]\nname = 'x'\ngiven.events = '{}'\nexpect.cheap = ''\n");
  EXPECT_TRUE(fs_->Exists(folder).value());
  bench_.reset();
  EXPECT_FALSE(fs_->Exists(folder).value());
}

TEST_F(TrialTest, ShowsTheRowsOfTheNewestRecords) {
  const auto log = bench_->NewLog().value();
  const auto none = NewestRecords(*log, Prices(), 10).value();
  EXPECT_FALSE(none);
  const auto empty = MakePreview(*bench_, {*fs_, *clock_, *random_}, Prices(), none).value();
  EXPECT_EQ(empty.records, 0);
  EXPECT_THAT(empty.rows.columns,
              ElementsAre("item", "price", "tags", "key", "partition", "offset", "timestamp"));
  const auto topic = log->CreateTopic("events", 2)->id;
  const auto append = [&](std::int32_t partition, const std::vector<std::string>& values) {
    ASSERT_TRUE(log::testing::AppendAndWait(
        *log, {.topic = topic, .partition = PartitionId(partition)}, log::testing::Batch(values)));
  };
  append(0, {R"({"item": "a", "price": 1})", R"({"item": "b", "price": 2})"});
  append(1, {R"({"item": "c", "price": 3})", "no JSON"});
  append(0, {R"({"item": "d", "price": "x"})", R"({"item": "e", "price": 5})"});
  const auto preview = [&](std::int64_t count) {
    const auto newest = NewestRecords(*log, Prices(), count).value();
    auto made = MakePreview(*bench_, {*fs_, *clock_, *random_}, Prices(), newest);
    EXPECT_TRUE(made) << made.error().message();
    return PreviewFrom(ToJson(*made));
  };
  auto made = preview(5);
  EXPECT_EQ(made.records, 5);
  std::string items;
  for (const auto& row : made.rows.values) items += row[0].get<std::string>();
  EXPECT_EQ(items, "bce");
  ASSERT_EQ(made.dead_letters.values.size(), 2U);
  EXPECT_EQ(made.dead_letters.values[0][1], "not_json");
  EXPECT_EQ(made.dead_letters.values[1][1], "sql_error");
  made = preview(1);
  EXPECT_EQ(made.rows.values.size(), 1U);
  EXPECT_THAT(made.dead_letters.values, IsEmpty());
  EXPECT_EQ(preview(10'000).records, 6);
}

}  // namespace
}  // namespace st::trial
