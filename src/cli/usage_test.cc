#include "cli/usage.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

class Usage : public ::testing::Test {
 protected:
  Usage() {
    root_.add_option("--partitions", count_);
    root_.add_option("--max", count_)->check(Between(1, 9));
    root_.add_option("--format", text_)->check(Among({"table", "json"}));
    root_.add_option("--data", text_)->check(NamesA("folder"));
  }
  std::string Said(const std::string& line) {
    try {
      root_.parse(line);
      return "";
    } catch (const CLI::ParseError& error) {
      return UsageText(error);
    }
  }
  CLI::App root_;
  int count_ = 0;
  std::string text_;
};

TEST_F(Usage, SaysWhatAValueMayBe) {
  EXPECT_EQ(Said("--max 9 --format json"), "");
  EXPECT_EQ(Said("--max 0"), "--max: \"0\" is no number from 1 to 9");
  EXPECT_EQ(Said("--max x"), "--max: \"x\" is no number from 1 to 9");
  EXPECT_EQ(Said("--format jsn"),
            "--format: \"jsn\" is none of table, json; did you mean \"json\"?");
  EXPECT_EQ(Said("--data x"), "");
  EXPECT_EQ(Said("--data ''"), "--data: the value is missing");
  EXPECT_EQ(Said("--partitions 4x"), "--partitions: \"4x\" is no number that it takes");
  EXPECT_EQ(Said("--partitions"), "--partitions: the value is missing");
  EXPECT_EQ(Said("extra"), "\"extra\": nothing takes that");
}

TEST_F(Usage, LeavesTheHelpUnchanged) {
  const auto help = root_.help();
  EXPECT_FALSE(help.contains(" in [")) << help;
  EXPECT_FALSE(help.contains("{table")) << help;
}

}  // namespace
}  // namespace st::cli
