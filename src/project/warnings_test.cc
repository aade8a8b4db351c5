#include "project/warnings.h"

#include <gtest/gtest.h>

#include "os/testing/memory_file_system.h"

namespace st::project {
namespace {

class Warnings : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text = "") {
    ASSERT_TRUE(fs_.CreateDirs(os::DirName(path)));
    ASSERT_TRUE(os::WriteNewFile(fs_, path, text));
  }
  static Project Declared(const std::string& fields) {
    Project project;
    auto event =
        event::ParseDeclaration("name = \"a\"\n[fields]\nevent_type = \"a\"\n" + fields, "a.toml");
    if (event) project.events.push_back(std::move(*event));
    return project;
  }
  static std::vector<std::string> Streams(const std::string& topic,
                                          const std::vector<std::string>& topics = {}) {
    auto project = Declared("");
    project.pipelines =
        dialect::spark::ParsePipelineFile("p.sql",
                                          "CREATE STREAMING TABLE t AS SELECT CAST(value AS "
                                          "STRING) AS v FROM STREAM(" +
                                              topic + ")")
            .value();
    return TopicWarnings(project, topics);
  }
  os::testing::MemoryFileSystem fs_;
};

TEST_F(Warnings, NameFilesThatAreNotRead) {
  Write("/p/events/a.toml");
  Write("/p/events/e.yaml");
  Write("/p/events/.hidden");
  Write("/p/events/b.toml~");
  Write("/p/events/README.md");
  Write("/p/pipelines/x.SQL");
  Write("/p/pipelins/y.sql");
  Write("/p/gmae.toml");
  Write("/p/notes.txt");
  EXPECT_EQ(UnreadWarnings(fs_, "/p"),
            (std::vector<std::string>{
                "/p/gmae.toml: is not read; did you mean \"game.toml\"?",
                "/p/pipelins: is not read; did you mean \"pipelines\"?",
                "/p/events/e.yaml: is not read: files of events/ end in .toml",
                "/p/pipelines/x.SQL: is not read: files of pipelines/ end in .sql"}));
}

TEST_F(Warnings, NameAProjectThatDeclaresNothing) {
  ASSERT_TRUE(fs_.CreateDirs("/p"));
  const auto warnings = UnreadWarnings(fs_, "/p");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings[0].starts_with("/p: declares nothing: ")) << warnings[0];
  Write("/p/game.toml");
  EXPECT_TRUE(UnreadWarnings(fs_, "/p").empty());
}

TEST_F(Warnings, NameConstantsThatLookLikeTypes) {
  const auto slips =
      SlipWarnings(Declared("x = \"int\"\ny = \"Text\"\nz = \"{ type = 'int' }\"\n"
                            "color = \"red\"\nlevel = { type = \"int\" }\n"));
  ASSERT_EQ(slips.size(), 3U);
  EXPECT_EQ(slips[0],
            "a.toml:4:1: field \"x\" is the text \"int\" in every record; a field of a type is "
            "written x = { type = \"int\" }");
  EXPECT_TRUE(slips[1].starts_with("a.toml:5:1: field \"y\" is the text \"Text\""));
  EXPECT_TRUE(slips[2].starts_with("a.toml:6:1: field \"z\""));
}

TEST_F(Warnings, NameATopicThatNobodyFills) {
  EXPECT_TRUE(Streams("events").empty());
  EXPECT_TRUE(Streams("lines", {"lines"}).empty());
  const auto near = Streams("event");
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0],
            "p.sql:1:24: pipeline \"t\" reads topic \"event\", which does not exist and which no "
            "event declares; did you mean \"events\"?");
  EXPECT_TRUE(Streams("lines")[0].ends_with("; the first record of a Kafka client creates it"));
}

TEST_F(Warnings, NameFilesWithoutAPipeline) {
  Write("/p/pipelines/empty.sql", "-- later\n");
  EXPECT_EQ(
      UnreadWarnings(fs_, "/p"),
      (std::vector<std::string>{
          "/p/pipelines/empty.sql: declares no pipeline: it has no statement CREATE STREAMING "
          "TABLE … AS SELECT …"}));
}

// The warnings of a pipeline over an event "a" with a field "player"; `event` is the event's route
// or payload.
class MemberSlips : public Warnings {
 protected:
  static std::vector<std::string> Of(
      const std::string& select, const std::string& require = "a",
      const std::string& event = "route = \"GET /a\"\nreply = \"\"\n",
      const EventVersions& recorded = {}) {
    auto declared = event::ParseDeclaration(
        "name = \"a\"\n" + event + "[fields]\nevent_type = \"a\"\nplayer = {}\n", "a.toml");
    EXPECT_TRUE(declared) << declared.error().message();
    auto parsed = dialect::spark::ParsePipelineFile(
        "p.sql",
        "CREATE STREAMING TABLE t TBLPROPERTIES ('steelthread.format' = 'json', "
        "'steelthread.require' = '" +
            require + "') AS SELECT " + select);
    EXPECT_TRUE(parsed) << parsed.error().message();
    Project project;
    if (declared) project.events.push_back(std::move(*declared));
    if (parsed) project.pipelines = std::move(*parsed);
    return MemberWarnings(project, recorded);
  }
  // SQL for get_json_object of a member.
  static std::string Get(const std::string& name) {
    return "get_json_object(CAST(value AS STRING), '$." + name + "')";
  }
  const std::string from_ = " AS x FROM STREAM(events)";
};

TEST_F(MemberSlips, NameFieldsThatNoEventHas) {
  EXPECT_TRUE(Of(Get("player") + from_, "player, event_type").empty());
  EXPECT_EQ(Of(Get("plyer") + from_, "player"),
            (std::vector<std::string>{
                "p.sql:1:155: pipeline \"t\": no declared event of topic \"events\" has a field "
                "\"plyer\"; did you mean \"player\"?"}));
  const auto required = Of(Get("player") + from_, "event_tpye");
  ASSERT_EQ(required.size(), 1U);
  EXPECT_TRUE(
      required[0].contains("has the field \"event_tpye\" that steelthread.require names; did "
                           "you mean \"event_type\"?"))
      << required[0];
}

TEST_F(MemberSlips, NameTypesThatNoEventHas) {
  const std::string type = Get("event_type");
  const auto slips = [&](const std::string& where) {
    return Of(Get("player") + from_ + " WHERE " + where, "player").size();
  };
  EXPECT_EQ(slips(type + " = 'a'"), 0U);
  EXPECT_EQ(slips(type + " LIKE 'b%'"), 0U);
  EXPECT_EQ(slips(type + " = 'b'"), 1U);
  EXPECT_EQ(slips("'b' <> " + type), 1U);
  EXPECT_EQ(slips(type + " IN ('a', 'b', 'c')"), 2U);
  EXPECT_EQ(slips("CASE " + type + " WHEN 'b' THEN true ELSE false END"), 1U);
  EXPECT_EQ(slips(Get("player") + " = 'b'"), 0U);
}

TEST_F(MemberSlips, AreNotReportedWhereOthersWrite) {
  EXPECT_TRUE(Of(Get("plyer") + from_, "player", "").empty());
  EXPECT_TRUE(Of(Get("plyer") + " AS x FROM STREAM(lines)").empty());
}

TEST_F(MemberSlips, AreNotHeadersOrEarlierFields) {
  const std::string with_headers = "route = \"GET /a\"\nreply = \"\"\nheaders = \"all\"\n";
  EXPECT_TRUE(Of(Get("Host") + from_, "player", with_headers).empty());
  EXPECT_TRUE(Of(Get("cookie") + from_, "player", with_headers).empty());
  EXPECT_EQ(Of(Get("plyer") + from_, "player", with_headers).size(), 1U);
  EXPECT_EQ(Of(Get("gold") + from_, "player").size(), 1U);
  EventVersions recorded;
  auto earlier =
      event::ParseDeclaration("name = \"b\"\n[fields]\nevent_type = \"b\"\ngold = {}\n", "b.toml");
  ASSERT_TRUE(earlier);
  recorded["b"].push_back({*earlier, {}});
  EXPECT_TRUE(
      Of(Get("gold") + from_, "player", "route = \"GET /a\"\nreply = \"\"\n", recorded).empty());
}

TEST_F(Warnings, NameATableWhoseNameAClientGaveToATopic) {
  dialect::spark::Definition table;
  table.name = "refunds";
  table.place = "events/a.toml:1:8";
  EXPECT_EQ(NamesakeWarnings({table}, {"Refund", "other"}), std::vector<std::string>());
  EXPECT_EQ(
      NamesakeWarnings({table}, {"Refunds", "other"}),
      std::vector<std::string>(
          {"events/a.toml:1:8: table \"refunds\" has the name of the topic \"Refunds\", which "
           "a Kafka client made: both stay, and the table holds nothing of that topic; give "
           "the table another name if readers could mistake one for the other"}));
}

}  // namespace
}  // namespace st::project
