#include "worker/json_check.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "sql/database.h"

namespace st::worker {
namespace {

using Verdict = JsonCheck::Verdict;

std::string Judge(std::string_view text, std::vector<std::string> required = {}) {
  JsonCheck check(std::move(required));
  return check.Check(text) == Verdict::kFine ? "fine" : check.Reason();
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
  EXPECT_EQ(Judge("[1,]"), "byte 3: no JSON value begins so");
  EXPECT_EQ(Judge("[1 2]"), "byte 3: ',' or ']' is expected");
  EXPECT_EQ(Judge("{\"a\":1]"), "byte 6: ',' or '}' is expected");
  EXPECT_EQ(Judge("1 2"), "byte 2: something follows the value");
  EXPECT_EQ(Judge("\"abc"), "byte 4: a string is not closed");
  EXPECT_EQ(Judge("\"a\nb\""), "byte 2: a control character in a string");
  EXPECT_EQ(Judge("\"\\x\""), "byte 2: no escape that JSON knows");
  EXPECT_EQ(Judge("\"\\u12g4\""), "byte 5: four hexadecimal digits are expected");
  EXPECT_EQ(Judge("\"\\ud83d\""), "byte 7: half of a surrogate pair");
  EXPECT_EQ(Judge("\"\\ude00\""), "byte 7: half of a surrogate pair");
  EXPECT_EQ(Judge("NaN"), "byte 0: no JSON value begins so");
  EXPECT_EQ(Judge("-"), "byte 1: a digit is expected");
  EXPECT_EQ(Judge("01"), "byte 1: something follows the value");
  EXPECT_EQ(Judge("1."), "byte 2: a digit is expected");
  EXPECT_EQ(Judge("tru"), "byte 0: no JSON value begins so");
  EXPECT_EQ(Judge(std::string("1\0", 2)), "byte 1: something follows the value");
  EXPECT_EQ(Judge("\xEF\xBB\xBF{}"), "byte 0: no JSON value begins so");
  EXPECT_EQ(Judge(std::string(1001, '[')), "byte 1000: nested too deep");
  EXPECT_EQ(Judge(std::string(1000, '[') + std::string(1000, ']')), "fine");
}

TEST(JsonCheck, AsksForFieldsOfTheDocumentItself) {
  EXPECT_EQ(Judge(R"({"b":1,"a":null})", {"a", "b"}), "fine");
  EXPECT_EQ(Judge(R"({"b":1})", {"a", "b"}), "field 'a'");
  EXPECT_EQ(Judge(R"({"b":{"a":1}})", {"a"}), "field 'a'");
  EXPECT_EQ(Judge(R"([{"a":1}])", {"a"}), "field 'a'");
  EXPECT_EQ(Judge(R"("a")", {"a"}), "field 'a'");
  EXPECT_EQ(Judge(R"({"\u0061\ud83d\ude00\n":1})", {"a\xF0\x9F\x98\x80\n"}), "fine");
}

// The promise that counts: what passes here fails no query.
TEST(JsonCheck, WhatItTakesDuckDbTakes) {
  auto database = sql::Database::Open({});
  ASSERT_TRUE(database);
  auto connection = database->Connect();
  ASSERT_TRUE(connection);
  const auto takes = [&](const std::string& texts) {
    auto statement = connection->Prepare(
        "SELECT json_valid(t), json_extract_string(t, ['$.a', '$.b[0]']),"
        " json_transform(t, '{\"a\": \"VARCHAR\"}')"
        " FROM (SELECT unnest(string_split($1, chr(1))) AS t)");
    return statement && statement->BindText(1, texts) && statement->Execute();
  };
  const std::vector<std::string> seeds = {
      R"({"a":"x\u00e9\ud83d\ude00","b":[1,2.5e-3,{"c":null}],"d":{"e":true,"f":[[],{}]}})",
      R"([{"a":-0.0},"\\\"\/",123456789012345678901234567890,1e400,false])", R"("a\u0000b")"};
  const std::string alphabet = "{}[]\",:\\u0eE+-.1aNnt \n\x01\xC3\xA9";
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  std::vector<std::string> fine;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seeds[static_cast<std::size_t>(i) % seeds.size()];
    for (int edits = static_cast<int>(random() % 3); edits > 0; --edits) {
      const auto at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      if (random() % 2 == 0)
        text[at] = c;
      else if (random() % 2 == 0)
        text.insert(at, 1, c);
      else
        text.erase(at, 1);
    }
    if (!IsUtf8(text) || Judge(text) != "fine") continue;
    fine.push_back(text);
  }
  EXPECT_GT(fine.size(), 5000U);
  std::string all;
  for (const auto& text : fine) all += text + '\x01';
  all.pop_back();
  if (takes(all)) return;
  for (const auto& text : fine) EXPECT_TRUE(takes(text)) << text << "\nseed " << seed;
}

}  // namespace
}  // namespace st::worker
