#include "event/json_check.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "event/limits.h"
#include "sql/database.h"

namespace st::worker::transform {
namespace {

// JSON that JsonCheck accepts must make no query fail.
TEST(JsonCheck, AcceptsOnlyJsonThatDuckDbAccepts) {
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
  event::JsonCheck check(event::kMaxRecordDepth);
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
    if (!IsUtf8(text) || !check.Check(text)) continue;
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
}  // namespace st::worker::transform
