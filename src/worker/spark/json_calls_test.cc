#include "worker/spark/json_calls.h"

#include <gtest/gtest.h>

#include "worker/spark/functions.h"

namespace st::worker::spark {
namespace {

constexpr std::string_view kItems =
    R"({"type":"struct","fields":[{"id":0,"name":"a","required":false,"type":"int"},)"
    R"({"id":0,"name":"l","required":false,"type":{"type":"list","element-id":0,)"
    R"("element":"string",)"
    R"("element-required":false}}]})";

class JsonCallsTest : public ::testing::Test {
 protected:
  JsonCallsTest() { EXPECT_TRUE(RegisterFunctions(connection_)); }

  // The values of a SELECT of one text column, or the error.
  std::string Ask(const std::string& statement) {
    const auto made = calls_.Register(connection_, statement);
    if (!made) return made.error().message();
    auto prepared = connection_.Prepare(statement);
    if (!prepared) return prepared.error().message();
    auto rows = prepared->Execute();
    if (!rows) return rows.error().message();
    std::string out;
    while (true) {
      const auto chunk = rows->Next();
      if (!chunk) return chunk.error().message();
      if (!*chunk) return out;
      for (std::uint64_t row = 0; row < (*chunk)->rows(); ++row) {
        const auto column = (*chunk)->Column(0);
        out += out.empty() ? "" : " ";
        out += column.IsNull(row) ? "NULL" : column.StringAt(row);
      }
    }
  }

  static std::string Read(std::string_view text, std::string_view type = kItems) {
    return fmt::format("SELECT spark_to_json(spark_from_json_1({}, {}, false), true)",
                       sql::QuoteText(std::string(text)), sql::QuoteText(std::string(type)));
  }

  sql::Database database_ = sql::Database::Open({}).value();
  sql::Connection connection_ = database_.Connect().value();
  JsonCalls calls_;
};

TEST_F(JsonCallsTest, MakesTheFunctionsThatAStatementCalls) {
  EXPECT_EQ(Ask(Read(R"({"a": 1, "l": ["x", null]})")), R"({"a":1,"l":["x",null]})");
  EXPECT_EQ(Ask(Read(R"({"l": [], "a": "no"})")), R"({"a":null,"l":[]})");
  EXPECT_EQ(Ask(Read("{")), R"({"a":null,"l":null})");
}

TEST_F(JsonCallsTest, ForgetsWhatABrokenTextBegan) {
  EXPECT_EQ(Ask(fmt::format("SELECT spark_to_json(spark_from_json_2(t, {}, false), true) FROM "
                            "(VALUES ('{{\"l\":[null,\"b\"'), ('{{\"l\":[\"c\",\"d\"]}}'), (NULL)) "
                            "AS v(t)",
                            sql::QuoteText(std::string(kItems)))),
            R"({"a":null,"l":null} {"a":null,"l":["c","d"]} NULL)");
}

TEST_F(JsonCallsTest, FailsWhereItIsToldTo) {
  const std::string statement =
      fmt::format("SELECT spark_to_json(spark_from_json_3('{{\"a\":\"x\"}}', {}, true), true)",
                  sql::QuoteText(std::string(kItems)));
  EXPECT_NE(Ask(statement).find("MALFORMED_RECORD_IN_PARSING"), std::string::npos);
}

TEST_F(JsonCallsTest, LeavesOtherStatementsAlone) {
  EXPECT_EQ(Ask("SELECT 'spark_from_json_1'"), "spark_from_json_1");
  EXPECT_NE(Ask("SELECT spark_from_json_9('{}', 'nothing', false)").find("nothing"),
            std::string::npos);
  EXPECT_FALSE(Ask("SELEC").empty());
}

}  // namespace
}  // namespace st::worker::spark
