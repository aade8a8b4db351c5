#include "game/declared.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "game/catalogue.h"

namespace st::game {
namespace {

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

const std::filesystem::path& Example() {
  static const std::filesystem::path folder = "../../examples/game";
  return folder;
}

// The example's declarations, with one replaced (or, by "", left out).
std::vector<event::Declaration> Declared(const std::string& name = "",
                                         const std::string& instead = "") {
  std::vector<event::Declaration> out;
  for (const auto& file : std::filesystem::directory_iterator(Example() / "events")) {
    const bool is_it = file.path().stem() == name;
    const std::string text = is_it ? instead : TextOf(file.path());
    if (text.empty()) continue;
    auto parsed = event::ParseDeclaration(text, file.path().filename());
    EXPECT_TRUE(parsed.has_value()) << parsed.error().message();
    if (parsed) out.push_back(std::move(*parsed));
  }
  return out;
}

TEST(CheckDeclarations, TakesTheExample) {
  const auto declared = Declared();
  EXPECT_EQ(declared.size(), 16U);
  const auto checked = CheckDeclarations(declared);
  EXPECT_TRUE(checked.has_value()) << checked.error().message();
  EXPECT_TRUE(event::CheckTogether(declared).has_value());
  const auto rules = ParseCatalogue(TextOf(Example() / "game.toml"), "game.toml");
  EXPECT_TRUE(rules.has_value()) << rules.error().message();
}

TEST(CheckDeclarations, SaysWhatDoesNotFitAndWhere) {
  const std::string head = "name = \"default\"\ntopic = \"game\"\n";
  const std::string fields = "[fields]\nevent_type = \"default\"\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"name = \"default\"\n" + fields + "player = {}\n",
       "default.toml:1:8: event \"default\": topic \"events\", but the game writes"},
      {head + "route = \"GET /\"\nreply = \"\"\n" + fields + "player = {}\n",
       "default.toml:3:9: event \"default\": the game writes it, so it has no route"},
      {head + fields, "default.toml:1:8: event \"default\": field \"player\" is missing"},
      {head + fields + "plyer = {}\n",
       "default.toml:5:1: event \"default\": field \"player\" is missing: the game writes it, of "
       "type "
       "\"string\"; is \"plyer\" meant to be it?"},
      {head + fields + "player = { type = \"long\" }\n",
       "default.toml:5:1: field \"player\": type \"long\", but the game writes a \"string\""},
      {head + fields + "player = \"x\"\n",
       "default.toml:5:1: field \"player\": the game writes it"},
      {head + fields + "player = {}\nplyer = {}\n",
       "default.toml:6:1: field \"plyer\": the game does not write it in this event; did you mean "
       "\"player\"?"},
      {"name = \"x\"\ntopic = \"game\"\n[fields]\nevent_type = \"x\"\n",
       "default.toml:1:8: event \"x\": only the game writes topic \"game\", and it has no event "
       "\"x\" to declare; events of another kind have another topic"},
      {"name = \"x\"\ntopic = \"game\"\n[fields]\nevent_type = \"user_item\"\n",
       "default.toml:1:8: event \"x\": only the game writes topic \"game\", and it has no event "
       "\"user_item\" to declare; did you mean \"use_item\"?"},
      {"name = \"x\"\ntopic = \"game\"\n[fields]\nevent_type = \"command_refused\"\n",
       "default.toml:1:8: event \"x\": only the game writes topic \"game\", and it has no event "
       "\"command_refused\" to declare"},
  };
  for (const auto& [instead, why] : wrong) {
    const auto checked = CheckDeclarations(Declared("default", instead));
    ASSERT_FALSE(checked.has_value()) << instead;
    EXPECT_EQ(checked.error().message().substr(0, why.size()), why);
  }
}

TEST(CheckDeclarations, TakesAProjectThatLacksAnEvent) {
  EXPECT_TRUE(UndeclaredEvents(Declared()).empty());
  const auto declared = Declared("default", "");
  EXPECT_TRUE(CheckDeclarations(declared).has_value());
  const auto undeclared = UndeclaredEvents(declared);
  ASSERT_EQ(undeclared.size(), 1U);
  EXPECT_EQ(undeclared[0].type, "default");
  EXPECT_EQ(undeclared[0].fields, "event_type = \"default\", player = { type = \"string\" }");
}

TEST(CheckDeclarations, RefusesAnEventDeclaredTwice) {
  auto declared = Declared();
  declared.push_back(declared.front());
  EXPECT_FALSE(CheckDeclarations(declared).has_value());
}

}  // namespace
}  // namespace st::game
