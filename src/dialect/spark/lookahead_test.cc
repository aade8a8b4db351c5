#include "dialect/spark/lookahead.h"

#include <gtest/gtest.h>

#include <string>

#include "dialect/spark/lexer.h"

namespace st::dialect::spark {
namespace {

template <class Function>
auto Ask(const std::string& text, Function function) {
  const SourceText source("x.sql", text);
  const TokenCursor cursor(source, Tokenize(source).value());
  return function(cursor);
}

bool IsQuery(const std::string& text) {
  return Ask(text, [](const TokenCursor& cursor) { return BeginsQuery(cursor); });
}

TEST(Lookahead, KnowsWhatBeginsAQuery) {
  for (const auto* query : {"SELECT 1", "with a as (select 1)", "WITH `a` (b)", "VALUES (1), (2)",
                            "values 1", "VALUES 'a'", "values null"}) {
    EXPECT_TRUE(IsQuery(query)) << query;
  }
  for (const auto* other : {"values", "values + 1", "with", "with.a", "a", "", "`select` a"}) {
    EXPECT_FALSE(IsQuery(other)) << other;
  }
  EXPECT_TRUE(Ask("( select 1", [](const TokenCursor& cursor) { return BeginsQuery(cursor, 1); }));
}

TEST(Lookahead, KnowsWhatBeginsALambda) {
  for (const auto* lambda : {"x -> x", "(x) -> x", "(x, y) -> x"}) {
    EXPECT_TRUE(Ask(lambda, BeginsLambda)) << lambda;
  }
  for (const auto* other : {"x", "(x, y)", "(x, 1) -> x", "1 -> x", "() -> 1"}) {
    EXPECT_FALSE(Ask(other, BeginsLambda)) << other;
  }
}

TEST(Lookahead, KnowsWhatBeginsATypedText) {
  EXPECT_TRUE(Ask("date '2026-01-02'", BeginsTyped));
  EXPECT_TRUE(Ask("TIMESTAMP_NTZ ''", BeginsTyped));
  EXPECT_FALSE(Ask("date", BeginsTyped));
  EXPECT_FALSE(Ask("select 'a'", BeginsTyped));
}

TEST(Lookahead, CountsSymbolsWithoutSpaces) {
  const auto count = [](const std::string& text) {
    return Ask(text, [](const TokenCursor& cursor) { return CountTogether(cursor, ">"); });
  };
  EXPECT_EQ(count(">>> 1"), 3U);
  EXPECT_EQ(count("> > 1"), 1U);
  EXPECT_EQ(count("< 1"), 0U);
}

}  // namespace
}  // namespace st::dialect::spark
