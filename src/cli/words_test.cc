#include "cli/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::cli {
namespace {

using ::testing::ElementsAre;

class WordsTest : public ::testing::Test {
 protected:
  WordsTest() {
    root_.name("steelthread");
    root_.add_option("-C,--project", value_);
    root_.add_subcommand("status")->add_option("--watch", value_)->expected(0, 1);
    auto* topic = root_.add_subcommand("topic");
    topic->add_subcommand("ls")->alias("list");
    auto* create = topic->add_subcommand("create");
    create->add_option("-C,--project", value_);
    create->add_option("name", value_);
    create->add_flag("--if-not-exists", flag_);
  }
  Reached Read(const std::vector<std::string>& words) { return ReadWords(root_, words); }
  std::string Mistake(const std::vector<std::string>& words) {
    const auto reached = Read(words);
    return reached.mistake ? reached.mistake->message() : "";
  }

  CLI::App root_;
  std::string value_;
  bool flag_ = false;
};

TEST_F(WordsTest, SuggestsTheNearestCommandOrOption) {
  EXPECT_EQ(Mistake({"statuss"}),
            "\"statuss\" is no command of steelthread; did you mean \"status\"?; see "
            "`steelthread --help`");
  EXPECT_EQ(Mistake({"topic", "craete"}),
            "\"craete\" is no command of steelthread topic; did you mean \"create\"?; see "
            "`steelthread topic --help`");
  EXPECT_EQ(Mistake({"topic", "frobnicate"}),
            "\"frobnicate\" is no command of steelthread topic; there are create, list, ls; see "
            "`steelthread topic --help`");
  EXPECT_EQ(Mistake({"topic", "create", "--if-not-exist", "x"}),
            "--if-not-exist is no option of steelthread topic create; did you mean "
            "\"--if-not-exists\"?; see `steelthread topic create --help`");
  EXPECT_EQ(Mistake({"-x"}), "-x is no option of steelthread; see `steelthread --help`");
  EXPECT_EQ(
      Mistake({"-P"}),
      "-P is no option of steelthread; did you mean \"--project\"?; see `steelthread --help`");
}

TEST_F(WordsTest, TakesNoOptionAndNoValueForACommand) {
  EXPECT_EQ(Mistake({"-C", "topic", "topic", "create", "statuss"}), "");
  EXPECT_EQ(Read({"-Cgame", "topic", "list"}).project, "game");
  EXPECT_EQ(Read({"topic", "create", "--project=a", "x"}).project, "a");
  EXPECT_EQ(PathOf(*Read({"topic", "list"}).command), "steelthread topic ls");
  EXPECT_EQ(Mistake({"topic", "create", "--", "--odd"}), "");
  EXPECT_EQ(Mistake({"topic", "create", "-- a comment"}), "");
  EXPECT_THAT(Mistake({"topic", "--", "create"}),
              ::testing::StartsWith("-- stands before a command"));
}

TEST_F(WordsTest, TellsWhichOptionLacksItsValue) {
  EXPECT_NE(Read({"topic", "create", "-C"}).option, nullptr);
  EXPECT_EQ(Read({"topic", "create", "-C", "x"}).option, nullptr);
  EXPECT_EQ(Mistake({"status", "--watch", "--wach"}),
            "--wach is no option of steelthread status; did you mean \"--watch\"?; see "
            "`steelthread status --help`");
  EXPECT_THAT(CommandNames(*Read({"topic"}).command), ElementsAre("create", "list", "ls"));
}

}  // namespace
}  // namespace st::cli
