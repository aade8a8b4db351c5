#include "trial/row_match.h"

#include <gtest/gtest.h>

namespace st::trial {
namespace {

Rows Three() {
  Rows rows{.columns = {"host", "price", "item"}, .types = {}, .values = {}};
  rows.values.push_back(nlohmann::ordered_json::parse(R"(["a",1,{"x":1,"y":[2]}])"));
  rows.values.push_back(nlohmann::ordered_json::parse(R"(["b",null,null])"));
  rows.values.push_back(nlohmann::ordered_json::parse(R"(["a",1,null])"));
  return rows;
}

Expectation Expected(const std::vector<std::string>& lines) {
  Expectation expectation{.of = "t", .place = "x.toml:7"};
  std::size_t number = 8;
  for (const auto& line : lines) {
    expectation.rows.push_back(
        {.row = nlohmann::ordered_json::parse(line), .text = line, .line = number++});
  }
  return expectation;
}

TEST(RowMatch, FindsRowsByTheColumnsThatTheyNameInAnyOrder) {
  for (const auto& lines : std::vector<std::vector<std::string>>{
           {R"({"host": "a"})", R"({"host": "b"})", R"({"host": "a"})"},
           {R"({"host": "b", "price": null})", R"({"price": 1.0})",
            R"({"item": null, "price": 1})"},
           // The row that names less must not take the one that the other needs.
           {R"({"host": "a"})", R"({"host": "b"})", R"({"item": {"y": [2], "x": 1}, "host": "a"})"},
       }) {
    const auto match = MatchRows(Expected(lines), Three());
    ASSERT_TRUE(match) << match.error().message();
    EXPECT_TRUE(match->is_whole()) << lines[0];
  }
}

TEST(RowMatch, ShowsWhatDiffers) {
  const auto expected = Expected({R"({"host": "a", "price": 2})", R"({"host": "b", "price": null})",
                                  R"({"host": "z", "price": 9})"});
  auto rows = Three();
  const auto match = MatchRows(expected, rows).value();
  EXPECT_FALSE(match.is_whole());
  EXPECT_EQ(DifferenceText(expected, rows, match),
            R"(x.toml:7: t: want 3 rows, got 3
    - {"host": "a", "price": 2}  (x.toml:8)
    + {"host": "a", "price": 1}
      price: want 2, got 1
    - {"host": "z", "price": 9}  (x.toml:10)
    + {"host": "a", "price": 1}
      host: want "z", got "a"
      price: want 9, got 1)");
  rows.values.resize(1);
  EXPECT_EQ(DifferenceText(Expected({}), rows, MatchRows(Expected({}), rows).value()),
            R"(x.toml:7: t: want 0 rows, got 1
    + {"host": "a", "price": 1, "item": {"x":1,"y":[2]}})");
}

TEST(RowMatch, ShowsTheFirstOfManyRows) {
  Rows rows{.columns = {"n"}, .types = {}, .values = {}};
  for (int i = 0; i < 25; ++i) rows.values.push_back(nlohmann::ordered_json::array({i}));
  const auto text = DifferenceText(Expected({}), rows, MatchRows(Expected({}), rows).value());
  EXPECT_TRUE(text.ends_with("+ {\"n\": 19}\n    + … and 5 more")) << text;
}

TEST(RowMatch, RefusesAColumnThatThereIsNot) {
  const auto match = MatchRows(Expected({R"({"host": "a"})", R"({"hots": "a"})"}), Three());
  ASSERT_FALSE(match);
  EXPECT_EQ(match.error().message(), "x.toml:9: t has no column \"hots\"; did you mean \"host\"?");
}

TEST(RowMatch, RewritesTheRowsThatDiffer) {
  const auto expected = Expected({R"({"price":1 , "host":"a"})", R"({"price": 9})"});
  const auto rows = Three();
  const auto match = MatchRows(expected, rows).value();
  EXPECT_EQ(RewrittenRows(expected, rows, match, {}), R"('''
{"price":1 , "host":"a"}
{"price": null, "host": "b"}
{"price": 1, "host": "a"}
''')");
  Rows quotes{.columns = {"a", "b"}, .types = {}, .values = {}};
  quotes.values.push_back(nlohmann::ordered_json::array({"''''", 1}));
  EXPECT_EQ(RewrittenRows(Expected({}), quotes, MatchRows(Expected({}), quotes).value(), {}),
            "'''\n{\"a\": \"\\u0027\\u0027\\u0027'\", \"b\": 1}\n'''");
  EXPECT_EQ(RewrittenRows(Expected({}), quotes, MatchRows(Expected({}), quotes).value(), {"b"}),
            "'''\n{\"b\": 1}\n'''");
}

}  // namespace
}  // namespace st::trial
