#include "base/toml.h"

#include <gtest/gtest.h>

namespace st {
namespace {

std::string Dotted(std::size_t parts, std::string_view part = "a") {
  std::string key(part);
  for (std::size_t i = 1; i < parts; ++i) key += fmt::format(".{}", part);
  return key;
}

std::string Nested(std::size_t depth) {
  return "a = " + std::string(depth, '[') + std::string(depth, ']');
}

std::string Refusal(const std::string& text) {
  const auto table = ParseToml(text, "f");
  return table ? "" : table.error().message();
}

TEST(ParseToml, TakesEveryDepthWithinTheLimits) {
  EXPECT_EQ(Refusal(Dotted(kMaxTomlKeyParts) + " = 1"), "");
  EXPECT_EQ(Refusal("[" + Dotted(kMaxTomlKeyParts) + "]\n" + Dotted(kMaxTomlKeyParts) + " = 1"),
            "");
  EXPECT_EQ(Refusal(Nested(kMaxTomlBrackets)), "");
  std::string many = "[a]\n";
  for (int i = 0; i < 100; ++i) many += fmt::format("k{} = [1.5, {{ x.y = 2.5 }}]\n", i);
  EXPECT_EQ(Refusal(many), "");
}

TEST(ParseToml, RefusesAKeyOfTooManyPartsHoweverItIsWritten) {
  const auto limit = kMaxTomlKeyParts;
  const std::string why = fmt::format("a key has at most {} parts", limit);
  EXPECT_EQ(Refusal(Dotted(limit + 1) + " = 1"), "f:1:32: " + why);
  for (const std::size_t parts : {limit + 1, std::size_t{100'000}}) {
    for (const std::string& text :
         {Dotted(parts) + " = 1", "[" + Dotted(parts) + "]", "[[" + Dotted(parts) + "]]",
          "a = { " + Dotted(parts) + " = 1 }", Dotted(parts, "\"\"") + " = 1",
          Dotted(parts, "'='") + " = 1", Dotted(parts, " a\t") + " = 1", Dotted(parts, "\"\\\"\""),
          "# \"\"\"\n" + Dotted(parts), "x = \"\"\"\\\n\\\"\"\"\"\"\n" + Dotted(parts)}) {
      EXPECT_TRUE(Refusal(text).ends_with(why)) << text.substr(0, 80) << ": " << Refusal(text);
    }
  }
}

TEST(ParseToml, RefusesValuesThatAreNestedTooDeep) {
  const std::string why = fmt::format("values are nested at most {} deep", kMaxTomlBrackets);
  EXPECT_EQ(Refusal(Nested(kMaxTomlBrackets + 1)), "f:1:21: " + why);
  for (const std::size_t depth : {kMaxTomlBrackets + 1, std::size_t{100'000}}) {
    EXPECT_TRUE(Refusal(Nested(depth)).ends_with(why));
    std::string tables = "a";
    for (std::size_t i = 0; i < depth; ++i) tables += "={b.c";
    EXPECT_TRUE(Refusal(tables).ends_with(why));
  }
}

TEST(ParseToml, CountsNoDotsAndBracketsOfTextAndComments) {
  const std::string dots(1000, '.');
  const std::string brackets(1000, '[');
  for (const auto& text : {dots, brackets}) {
    EXPECT_EQ(Refusal("a = \"" + text + "\" # " + text + "\nb = '" + text + "'\nc = \"\"\"\n" +
                      text + "\"\"\"\nd = '''" + text + "'''"),
              "");
    EXPECT_EQ(Refusal("\"" + text + "\" = 1"), "");
  }
}

TEST(ParseToml, SaysWhereAMistakeStands) {
  EXPECT_EQ(Refusal("a = \"\"\"x\\\n  y\"\"\"\nb = \xC3\xA9"),
            "f:3:5: a character outside ASCII stands in quotes or in a comment only");
  EXPECT_EQ(Refusal("a = 1\nb = text"),
            "f:2:6: this is no number, true or false, and text needs quotes, as in key = \"text\"");
}

// The message of the refusal, without its place.
std::string ReasonOf(const std::string& text) {
  const auto refusal = Refusal(text);
  return refusal.substr(std::min(refusal.find(": ") + 2, refusal.size()));
}

TEST(ParseToml, NamesTheListThatIsNotClosed) {
  const std::string list =
      "this is no value of the list that opens at 2:5: a list ends with ], and text needs quotes, "
      "as in key = [\"a\", \"b\"]";
  EXPECT_EQ(ReasonOf("[f]\na = [\"x\", \"y\", required = true\n"), list);
  EXPECT_EQ(ReasonOf("[f]\na = [\"é]\", # ]\n  x]\n"), list);
  EXPECT_EQ(ReasonOf("[f]\na = [\"x\",\n"), list);
  const std::string bare =
      "this is no number, true or false, and text needs quotes, as in key = \"text\"";
  EXPECT_EQ(ReasonOf("[f]\na = [1]\nb = red\n"), bare);
  EXPECT_EQ(ReasonOf("a = { b = red }\n"), bare);
}

TEST(ParseToml, SaysWhatStandsTwice) {
  EXPECT_EQ(ReasonOf("a = 1\n[http]\nx = 1\n\n[http]\ny = 2\n"),
            "section [http] stands twice: put its keys under the [http] of line 2");
  EXPECT_EQ(ReasonOf("a = 1\na = 2\n"), "\"a\" stands twice");
}

}  // namespace
}  // namespace st
