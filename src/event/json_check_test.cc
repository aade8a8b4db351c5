#include "event/json_check.h"

#include <gtest/gtest.h>

#include "event/limits.h"

namespace st::event {
namespace {

using Members = JsonCheck::Members;

std::string Judge(std::string_view text) {
  JsonCheck check(kMaxRecordDepth);
  return check.Check(text) ? "fine" : check.Reason();
}

std::string MembersOf(std::string_view text) {
  JsonCheck check(kMaxRecordDepth, Members::kKeep);
  if (!check.Check(text)) return check.Reason();
  std::string out = check.is_object() ? "" : "no object";
  for (const auto& [name, value] : check.members()) {
    out += std::string(name) + "=" + std::string(value) + ";";
  }
  return out;
}

std::string Twice(std::string_view text) {
  JsonCheck check(kMaxRecordDepth, Members::kKeepUnique);
  if (!check.Check(text)) return check.Reason();
  return check.repeated_name() ? "<" + std::string(*check.repeated_name()) + ">" : "none";
}

TEST(JsonCheck, TakesWhatTheStandardTakes) {
  for (const auto* text :
       {"{}", "[]", " [ 1 , -0.5e+10 , \"\\u00e9\\n\" , true , false , null ] ", "\"x\"", "0", "-0",
        "1e999999", "123456789012345678901234567890", "{\"a\":{\"b\":[[],{}]},\"a\":1}",
        "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\xC3\xA9\"", "\t\r\n1\n"}) {
    EXPECT_EQ(Judge(text), "fine") << text;
  }
}

TEST(JsonCheck, SaysWhereAndWhy) {
  EXPECT_EQ(Judge(""), "byte 0: the text ends where a value is expected");
  EXPECT_EQ(Judge("{\"a\" 1}"), "byte 5: a ':' is missing");
  EXPECT_EQ(Judge("{\"a\":1,}"), "byte 7: a key in quotes is expected");
  EXPECT_EQ(Judge("[1,]"), "byte 3: this is the beginning of no JSON value");
  EXPECT_EQ(Judge("[1 2]"), "byte 3: ',' or ']' is expected");
  EXPECT_EQ(Judge("{\"a\":1]"), "byte 6: ',' or '}' is expected");
  EXPECT_EQ(Judge("1 2"), "byte 2: something follows the value");
  EXPECT_EQ(Judge("\"abc"), "byte 4: a string is not closed");
  EXPECT_EQ(Judge("\"a\nb\""), "byte 2: a control character in a string");
  EXPECT_EQ(Judge("\"\\x\""), "byte 2: no escape that JSON knows");
  EXPECT_EQ(Judge("\"\\u12g4\""), "byte 5: four hexadecimal digits are expected");
  EXPECT_EQ(Judge("\"\\ud83d\""), "byte 7: half of a surrogate pair");
  EXPECT_EQ(Judge("\"\\ude00\""), "byte 7: half of a surrogate pair");
  EXPECT_EQ(Judge("NaN"), "byte 0: this is the beginning of no JSON value");
  EXPECT_EQ(Judge("-"), "byte 1: a digit is expected");
  EXPECT_EQ(Judge("01"), "byte 1: something follows the value");
  EXPECT_EQ(Judge("1."), "byte 2: a digit is expected");
  EXPECT_EQ(Judge("tru"), "byte 0: this is the beginning of no JSON value");
  EXPECT_EQ(Judge(std::string("1\0", 2)), "byte 1: something follows the value");
  EXPECT_EQ(Judge("\xEF\xBB\xBF{}"), "byte 0: this is the beginning of no JSON value");
  EXPECT_EQ(Judge(std::string(1001, '[')), "byte 1000: nested deeper than 1000 levels");
  EXPECT_EQ(Judge(std::string(1000, '[') + std::string(1000, ']')), "fine");
}

TEST(JsonCheck, KeepsTheMembersOfTheOutermostObject) {
  EXPECT_EQ(MembersOf(R"( { "a" : 1 , "b":{"c":[2]} ,"a": "x" , "d":[{"e":3}]} )"),
            R"(a=1;b={"c":[2]};a="x";d=[{"e":3}];)");
  EXPECT_EQ(MembersOf("{}"), "");
  EXPECT_EQ(MembersOf(R"([{"a":1}])"), "no object");
  EXPECT_EQ(MembersOf("5"), "no object");
  EXPECT_EQ(MembersOf(R"({"\u0061\ud83d\ude00\n":1})"), "a\xF0\x9F\x98\x80\n=1;");
  JsonCheck check(kMaxRecordDepth, Members::kKeep);
  ASSERT_TRUE(check.Check(R"({"a":1})"));
  ASSERT_TRUE(check.Check("[]"));
  EXPECT_TRUE(check.members().empty()) << "of the text before";
}

TEST(JsonCheck, FindsANameThatStandsTwiceInOneObject) {
  EXPECT_EQ(Twice(R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]})"), "none");
  EXPECT_EQ(Twice(R"({"a":1,"b":2,"\u0061":3})"), "<a>");
  EXPECT_EQ(Twice(R"({"a":[{"b":{"c":1,"d":2,"c":3}}]})"), "<c>");
  EXPECT_EQ(Twice(R"([{"":1,"":2}])"), "<>");
}

}  // namespace
}  // namespace st::event
