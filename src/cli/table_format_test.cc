#include "cli/table_format.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

const std::vector<statement::Column> kColumns{{"host", "varchar", ""}, {"n", "bigint", ""}};

std::string Printed(RowFormat format, std::string_view rows,
                    const std::vector<statement::Column>& columns = kColumns) {
  std::string out;
  RowPrinter printer(format, [&](std::string_view text) { out += text; });
  printer.SetColumns(columns);
  const auto added = printer.AddRows(rows);
  EXPECT_TRUE(added.has_value()) << (added ? std::string() : added.error().message());
  printer.End();
  return out;
}

TEST(RowPrinter, TableLooksLikeThatOfPrestosClient) {
  EXPECT_EQ(Printed(RowFormat::kTable, R"([["user1.comcast.com",12],[null,3]])"),
            "       host        | n  \n"
            "-------------------+----\n"
            " user1.comcast.com | 12 \n"
            " NULL              |  3 \n");
  EXPECT_EQ(Printed(RowFormat::kTable, "[]"), " host | n \n------+---\n");
}

TEST(RowPrinter, TableAlignsWideLettersAndKeepsCellsOnOneLine) {
  EXPECT_EQ(Printed(RowFormat::kTable, "[[\"\xE6\x97\xA5\xE6\x9C\xAC\",1],[\"a\\nb\\u001b\",2]]"),
            "   host   | n \n"
            "----------+---\n"
            " \xE6\x97\xA5\xE6\x9C\xAC     | 1 \n"
            " a\\nb\\x1b | 2 \n");
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x97\xA1"), 2u);
}

TEST(RowPrinter, TableStreamsOnceItsWidthsAreKnown) {
  std::string out;
  RowPrinter printer(RowFormat::kTable, [&](std::string_view text) { out += text; });
  printer.SetColumns(kColumns);
  for (std::size_t i = 0; i + 1 < kMeasuredRows; ++i) {
    ASSERT_TRUE(printer.AddRows(R"([["a",1]])").has_value());
  }
  EXPECT_EQ(out, "");
  ASSERT_TRUE(printer.AddRows(R"([["a",1],["longer than measured",1]])").has_value());
  EXPECT_TRUE(out.ends_with(" a    | 1 \n longer than measured | 1 \n"));
  EXPECT_EQ(printer.row_count(), static_cast<std::int64_t>(kMeasuredRows) + 1);
}

TEST(RowPrinter, CsvQuotesOnlyWhereNeeded) {
  EXPECT_EQ(Printed(RowFormat::kCsv, R"([["a b",1],["a,\"b\"",-2],[null,null],["",0],["x\ny",1]])"),
            "host,n\n"
            "a b,1\n"
            "\"a,\"\"b\"\"\",-2\n"
            ",\n"
            "\"\",0\n"
            "\"x\ny\",1\n");
}

TEST(RowPrinter, JsonKeepsValuesAsSent) {
  EXPECT_EQ(Printed(RowFormat::kJson, R"([["\u00e9",12345678901234567890],[null,1.0]])"),
            "[\n  {\"host\": \"\\u00e9\", \"n\": 12345678901234567890},\n"
            "  {\"host\": null, \"n\": 1.0}\n]\n");
  EXPECT_EQ(Printed(RowFormat::kJson, "[]"), "[]\n");
  EXPECT_EQ(Printed(RowFormat::kNdjson, R"([["a",1],["b",[1,{"k":2}]]])"),
            "{\"host\": \"a\", \"n\": 1}\n{\"host\": \"b\", \"n\": [1,{\"k\":2}]}\n");
  EXPECT_EQ(Printed(RowFormat::kJson, "[[1,2,3]]",
                    {{"a", "bigint", ""}, {"a", "bigint", ""}, {"a", "bigint", ""}}),
            "[\n  {\"a\": 1, \"a_2\": 2, \"a_3\": 3}\n]\n");
}

TEST(RowPrinter, MarkdownEscapesItsBars) {
  EXPECT_EQ(Printed(RowFormat::kMarkdown, R"([["a|b\nc",1]])"),
            "| host | n |\n| --- | ---: |\n| a\\|b<br>c | 1 |\n");
}

TEST(RowPrinter, RowsThatDoNotFitAreRefused) {
  RowPrinter printer(RowFormat::kCsv, [](std::string_view) {});
  printer.SetColumns(kColumns);
  EXPECT_FALSE(printer.AddRows("[[1]]").has_value());
  EXPECT_FALSE(printer.AddRows("{}").has_value());
}

}  // namespace
}  // namespace st::cli
