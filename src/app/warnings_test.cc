#include "app/warnings.h"

#include <gtest/gtest.h>

#include "os/testing/memory_file_system.h"

namespace st::app {
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
        stream::ParsePipelineFile("p.sql",
                                  "CREATE STREAMING TABLE t AS SELECT CAST(value AS "
                                  "STRING) AS v FROM STREAM(" +
                                      topic + ")")
            .value();
    return TopicWarnings(project, topics);
  }
  os::testing::MemoryFileSystem fs_;
};

TEST_F(Warnings, NameWhatIsNotRead) {
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
  EXPECT_EQ(
      near[0],
      "p.sql:1:24: pipeline \"t\" waits for topic \"event\", which no event is on and the log "
      "has not; did you mean \"events\"?");
  EXPECT_TRUE(Streams("lines")[0].ends_with("; Kafka clients make it by their first record"));
}

}  // namespace
}  // namespace st::app
