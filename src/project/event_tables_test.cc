#include "project/event_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/record_reader.h"
#include "log/testing.h"
#include "project/event_versions.h"
#include "project/served_project.h"

namespace st::project {
namespace {

using ::testing::HasSubstr;

class EventTablesTest : public ::testing::Test {
 protected:
  void TearDown() override { log_->Stop(); }
  static event::Declaration Declared(const std::string& fields, const std::string& head = "") {
    auto event = event::ParseDeclaration("name = \"a\"\nroute = \"POST /a\"\nreply = \"\"\n" +
                                             head + "[fields]\nevent_type = \"a\"\n" + fields,
                                         "events/a.toml");
    EXPECT_TRUE(event) << event.error().message();
    return event.value_or(event::Declaration());
  }
  void Produce(std::size_t records) {
    if (!log_->FindTopic("events")) ASSERT_TRUE(log_->CreateTopic("events", 1));
    const TopicPartition tp{.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
    ASSERT_TRUE(log::testing::AppendAndWait(
        *log_, tp, log::testing::Batch(std::vector<std::string>(records, "x"))));
  }
  // Reads, serves and records the event, as a start or a reload does.
  Status Adopt(const event::Declaration& event) {
    std::vector<std::string> warnings;
    ST_TRY(const auto recorded, ReadRecordedState(*log_));
    ST_TRY(const auto served, MakeServedProject({.events = {event}}, recorded, warnings));
    ST_TRY_STATUS(RecordEventVersions(*log_, 7, served.added));
    tables_ = served.pipelines;
    return {};
  }

  // The columns that the table's reader makes of one record at `offset` of partition 0.
  std::string Columns(std::size_t table, std::int64_t offset) {
    const auto rules = event::DecodeRules(tables_[table].event_rules);
    if (!rules) return rules.error().message();
    event::RecordReader reader(*rules);
    const auto verdict =
        reader.Read({.partition = 0, .offset = offset}, R"({"event_type":"a","n":"x","m":5})");
    return verdict == event::RecordReader::Verdict::kRow ? reader.columns() : "other";
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_ =
      log::LocalLog::Open({fs_, clock_, *random_},
                          {.dir = "/log", .allocate_chunk_bytes = 64 << 10})
          .value();
  std::vector<dialect::spark::Definition> tables_;
};

TEST_F(EventTablesTest, AnEventHasATableOfItsFields) {
  ASSERT_TRUE(Adopt(Declared("N-x = { type = \"int\" }\nat = { type = \"timestamp\" }\n",
                             "headers = \"all\"\ntable = \"as\"\ndescription = \"it's\"\n")));
  ASSERT_EQ(tables_.size(), 1U);
  const auto& table = tables_[0];
  EXPECT_EQ(table.name, "as");
  EXPECT_EQ(table.place, "events/a.toml:1:8");
  EXPECT_EQ(table.lane, "events/events");
  EXPECT_EQ(table.properties.at("comment"), "it's");
  std::string columns;
  for (const auto& column : table.columns) columns += column.name + " " + column.iceberg_type + ";";
  EXPECT_EQ(columns,
            "event_time timestamptz;partition int;offset long;host string;accept string;"
            "user_agent string;n_x int;at timestamptz;");
}

TEST_F(EventTablesTest, ATableHasTheLayoutOfItsFile) {
  ASSERT_TRUE(Adopt(Declared(
      "n = { type = \"int\" }\n",
      "partition_by = [\"days(event_time)\", \"bucket(4, N)\"]\nsort_by = [\"n DESC\"]\n")));
  ASSERT_EQ(tables_.size(), 1U);
  EXPECT_EQ(Describe(tables_[0].layout.partition), "day(event_time), bucket(4, n)");
  EXPECT_EQ(Describe(tables_[0].layout.sort), "n DESC NULLS LAST");
  const auto identity = tables_[0].identity;
  ASSERT_TRUE(Adopt(Declared("n = { type = \"int\" }\n", "sort_by = [\"offset\"]\n")));
  EXPECT_TRUE(tables_[0].layout.partition.empty()) << "it may change at any time";
  EXPECT_EQ(tables_[0].identity, identity);
  const auto refused =
      Adopt(Declared("n = { type = \"int\" }\n", "partition_by = [\"days(n)\"]\n"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("events/a.toml:4:16: partition_by:1:1: day(n): day takes a column of type "
                        "date or timestamp, not int"));
}

TEST_F(EventTablesTest, ATableOfAnEarlierVersionTakesWhatItsColumnsAllow) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  Produce(2);
  ASSERT_TRUE(Adopt(Declared("m = { type = \"timestamp\" }\n",
                             "version = 2\npartition_by = [\"days(m)\", \"partition\"]\n"
                             "sort_by = [\"m\"]\n")));
  ASSERT_EQ(tables_.size(), 2U);
  EXPECT_EQ(Describe(tables_[0].layout.partition), "partition");
  EXPECT_EQ(Describe(tables_[0].layout.sort), "");
  EXPECT_EQ(Describe(tables_[1].layout.partition), "day(m), partition");
}

TEST_F(EventTablesTest, AVersionIsRecordedOnce) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  const auto topic = log_->FindTopic(kDeclarationsTopic);
  ASSERT_TRUE(topic);
  EXPECT_EQ(log_->EndOffset({.topic = topic->id, .partition = PartitionId(0)}), Offset(1));
}

TEST_F(EventTablesTest, AnAddedFieldHoldsForRecordsAfterIt) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  Produce(3);
  ASSERT_TRUE(Adopt(Declared("m = { type = \"long\" }\nn = {}\n")));
  ASSERT_EQ(tables_.size(), 1U);
  EXPECT_EQ(tables_[0].columns.back().name, "m");
  EXPECT_EQ(Columns(0, 2), R"({"0":"x"})");
  EXPECT_EQ(Columns(0, 3), R"({"0":"x","1":"5"})");
  const auto before = tables_[0].event_rules;
  Produce(2);
  ASSERT_TRUE(Adopt(Declared("m = { type = \"long\" }\nn = {}\n")));
  EXPECT_EQ(tables_[0].event_rules, before);
}

TEST_F(EventTablesTest, ANewVersionHasATableOfItsOwn) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  Produce(3);
  ASSERT_TRUE(Adopt(Declared("n = { type = \"string\", max = 9 }\n", "version = 2\n")));
  ASSERT_EQ(tables_.size(), 2U);
  EXPECT_EQ(tables_[0].name, "a");
  EXPECT_EQ(Columns(0, 2), R"({"0":"x"})");
  EXPECT_EQ(Columns(0, 3), "other");
  EXPECT_EQ(tables_[1].name, "a_v2");
  EXPECT_EQ(Columns(1, 2), "other");
  EXPECT_EQ(Columns(1, 3), R"({"0":"x"})");
}

TEST_F(EventTablesTest, TakesBoundsFromTheFileAndNotFromAnOlderEntry) {
  const auto event = Declared("m = { type = \"long\", max = 9007199254740993 }\n");
  auto recorded = event;
  recorded.fields[1].max = 9007199254740992.0;
  ASSERT_TRUE(Adopt(recorded));
  ASSERT_TRUE(Adopt(event)) << "it is no change";
  EXPECT_THAT(tables_[0].event_rules, HasSubstr("\"max\":9007199254740993"));
}

TEST_F(EventTablesTest, AnIncompatibleChangeSaysWhatToDo) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n")));
  const auto refused = Adopt(Declared("n = { type = \"int\" }\n"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "events/a.toml:6:1: field \"n\": type is \"int\", was \"string\"\n"
            "events/a.toml:1:8: event \"a\": only optional fields may be added; put the rest back, "
            "or declare version = 2, whose records go to a table of their own");
}

TEST_F(EventTablesTest, TwoColumnsOfOneNameAreRefused) {
  EXPECT_THAT(Adopt(Declared("Offset = {}\n")).error().message(),
              HasSubstr("events/a.toml:1:8: the table \"a\" would have two columns \"offset\""));
}

TEST_F(EventTablesTest, RefusesATableNamedLikeATopicOrAnotherTable) {
  const auto event = Declared("n = {}\n", "table = \"Game\"\n");
  ASSERT_TRUE(Adopt(event));
  const Project project{.events = {event}, .pipelines = {}};
  EXPECT_TRUE(CheckNames(project, tables_, {"events", "other"}));
  EXPECT_EQ(CheckNames(project, tables_, {"game"}).error().message(),
            "events/a.toml:1:8: table \"game\" has the name of the topic \"game\" of the log; give "
            "it another");
  auto squatted = tables_;
  squatted[0].name = "refunds";
  EXPECT_TRUE(CheckNames(project, squatted, {"Refunds"})) << "only a Kafka client made it";
  auto doubled = tables_;
  doubled.push_back(tables_[0]);
  doubled.back().place = "pipelines/game.sql:1:24";
  EXPECT_THAT(CheckNames(project, doubled, {}).error().message(),
              HasSubstr("has the name of the table at events/a.toml:1:8"));
}

TEST_F(EventTablesTest, ANewVersionNeedsAnotherTableThanTheOneBefore) {
  ASSERT_TRUE(Adopt(Declared("n = {}\n", "table = \"mine\"\n")));
  Produce(1);
  EXPECT_EQ(
      Adopt(Declared("n = { type = \"string\", max = 9 }\n", "version = 2\ntable = \"mine\"\n"))
          .error()
          .message(),
      "events/a.toml:1:8: an earlier version of the event has the table \"mine\"; give this "
      "version another by `table`, or leave `table` out");
}

TEST_F(EventTablesTest, AColumnHasTheDescriptionOfItsField) {
  ASSERT_TRUE(Adopt(Declared("n = {}\nm = { type = \"int\", description = \"how many\" }\n",
                             "headers = \"all\"\n")));
  const auto& columns = tables_.at(0).columns;
  ASSERT_EQ(columns.size(), 8U);
  EXPECT_EQ(columns[7].name, "m");
  EXPECT_EQ(columns[7].comment, "how many");
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(columns[i].comment, "") << columns[i].name;
}

}  // namespace
}  // namespace st::project
