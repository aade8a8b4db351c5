#include "project/project.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "project/warnings.h"

namespace st::project {
namespace {

class GameProject : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_project_XXXXXX";
    dir_ = ::mkdtemp(pattern);
    std::filesystem::copy("../../examples/game", dir_, std::filesystem::copy_options::recursive);
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(dir_);
  }
  void Write(const std::string& file, const std::string& text) {
    std::ofstream(dir_ + "/" + file) << text;
  }
  Result<Project> Load() { return LoadProject(*fs_, dir_, check_routes_); }
  // The mistakes of the project, without the folder's name.
  std::string Mistake() {
    const auto loaded = Load();
    if (loaded) return "it is right";
    return loaded.error().message().substr(dir_.size() + 1);
  }

  std::string dir_;
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  RouteCheck check_routes_ = [](const auto&, const auto&) { return Status(); };
};

TEST_F(GameProject, IsLoadedWithItsRules) {
  const auto project = Load();
  ASSERT_TRUE(project.has_value()) << project.error().message();
  ASSERT_TRUE(project->game.has_value());
  EXPECT_NE(project->game->Find("excalibur"), nullptr);
  EXPECT_EQ(project->events.size(), 16U);
  EXPECT_EQ(project->pipelines.size(), 3U);
  EXPECT_TRUE(CheckNames(*project, project->pipelines, {"game"}).has_value());
}

TEST_F(GameProject, AProjectWithoutRulesHasNoGame) {
  const auto project = LoadProject(*fs_, "../../examples/w205", check_routes_);
  ASSERT_TRUE(project.has_value()) << project.error().message();
  EXPECT_FALSE(project->game.has_value());
}

TEST_F(GameProject, SaysWhereItsMistakesAre) {
  Write("game.toml", "kind = 1\n");
  EXPECT_TRUE(Mistake().starts_with("game.toml:1:1: unknown key \"kind\"; did you mean"));
  std::filesystem::remove(dir_ + "/game.toml");
  EXPECT_NE(Mistake().find("the project has no game.toml"), std::string::npos);
}

TEST_F(GameProject, WarnsOfMissingEventsAndSaysWhatToAdd) {
  EXPECT_TRUE(UndeclaredWarnings(Load().value()).empty());
  std::filesystem::remove(dir_ + "/events/checkout.toml");
  const auto project = Load();
  ASSERT_TRUE(project.has_value()) << project.error().message();
  const auto warnings = UndeclaredWarnings(*project);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(
      warnings[0],
      dir_ +
          "/game.toml:1:1: the game's event \"checkout\" is declared in none of events/*.toml "
          "and has no table: add events/checkout.toml with name = \"checkout\", topic = "
          "\"game\" and, under [fields], event_type = \"checkout\", player = { type = "
          "\"string\" }, order_id = { type = \"long\" }, items = { type = \"long\" }, total = "
          "{ type = \"long\" }, balance = { type = \"long\" }");
  // The declaration that the warning proposes is accepted.
  Write("events/checkout.toml",
        "name = \"checkout\"\ntopic = \"game\"\n[fields]\nevent_type = \"checkout\"\nplayer = { "
        "type = \"string\" }\norder_id = { type = \"long\" }\nitems = { type = \"long\" }\ntotal = "
        "{ type = \"long\" }\nbalance = { type = \"long\" }\n");
  EXPECT_TRUE(UndeclaredWarnings(Load().value()).empty());
}

TEST_F(GameProject, IsRefusedWhereItsRoutesCollide) {
  check_routes_ = [](const game::Catalogue& rules, const auto& events) -> Status {
    EXPECT_NE(rules.Find("excalibur"), nullptr);
    return Fail(ErrorCode::kInvalidArgument, "{} events", events.size());
  };
  EXPECT_EQ(Load().error().message(), "16 events");
}

TEST_F(GameProject, NamesTheMistakesOfAllItsFiles) {
  Write("events/a.toml", "name = 1\n");
  Write("events/b.toml", "name = \"b\"\nreplay = \"x\"\n");
  Write("pipelines/c.sql", "CREATE TABLE c");
  Write("game.toml", "kind = 1\n");
  const auto mistakes = Mistake();
  for (const auto* place : {"events/a.toml:1:", "events/b.toml:2:", "pipelines/c.sql:1:",
                            "game.toml:1:1: unknown key \"kind\""}) {
    EXPECT_TRUE(mistakes.contains(place)) << place << " is not in\n" << mistakes;
  }
  // The game's other events are not reported.
  EXPECT_FALSE(mistakes.contains("is declared in")) << mistakes;
}

}  // namespace
}  // namespace st::project
