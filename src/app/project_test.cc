#include "app/project.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace st::app {
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
  Result<Project> Load() { return LoadProject(*fs_, dir_); }
  // What is wrong, without the folder's name.
  std::string Mistake() {
    const auto loaded = Load();
    if (loaded) return "it is right";
    return loaded.error().message().substr(dir_.size() + 1);
  }

  std::string dir_;
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
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

TEST_F(GameProject, WithoutRulesIsNone) {
  const auto project = LoadProject(*fs_, "../../examples/w205");
  ASSERT_TRUE(project.has_value()) << project.error().message();
  EXPECT_FALSE(project->game.has_value());
}

TEST_F(GameProject, SaysWhereItsMistakesAre) {
  Write("game.toml", "kind = 1\n");
  EXPECT_TRUE(Mistake().starts_with("game.toml:1:1: unknown key \"kind\"; did you mean"));
  std::filesystem::remove(dir_ + "/game.toml");
  EXPECT_NE(Mistake().find("the project has no game.toml"), std::string::npos);
}

TEST_F(GameProject, NeedsItsEventsDeclared) {
  std::filesystem::remove(dir_ + "/events/checkout.toml");
  EXPECT_TRUE(Mistake().starts_with("game.toml:1:1: the game's event \"checkout\" is declared in"));
}

TEST_F(GameProject, ShareNoRouteWithEvents) {
  Write("events/items.toml",
        "name = \"items\"\nroute = \"GET /{what}\"\nreply = \"\"\ntable = false\n[fields]\nwhat = "
        "{}\n");
  EXPECT_TRUE(Mistake().starts_with("events/items.toml:2:9: route: ")) << Mistake();
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
  // The game's other events are there.
  EXPECT_FALSE(mistakes.contains("is declared in")) << mistakes;
}

}  // namespace
}  // namespace st::app
