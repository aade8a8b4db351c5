#include "dialect/spark/layout.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace st::dialect::spark {
namespace {

const std::array kColumns = {
    LayoutColumn{.name = "Host", .type = {.kind = TypeKind::kString}},
    LayoutColumn{.name = "n", .type = {.kind = TypeKind::kLong}},
    LayoutColumn{.name = "at", .type = {.kind = TypeKind::kTimestampTz}},
};

template <typename Fields>
std::string Show(const Result<Fields>& fields) {
  if (fields) return Describe(*fields);
  return fields.error().message().substr(0, fields.error().message().find('\n'));
}

std::string Partition(std::string_view text) {
  return Show(PartitionFromText("p", text, kColumns));
}
std::string Sort(std::string_view text) { return Show(SortFromText("s", text, kColumns)); }

TEST(Layout, ReadsTransformsByEachOfTheirNames) {
  EXPECT_EQ(Partition("host"), "Host") << "in any case, shown as the column is";
  EXPECT_EQ(Partition("days(at), bucket(16, n)"), "day(at), bucket(16, n)");
  EXPECT_EQ(Partition("hour(AT), truncate(3, host)"), "hour(at), truncate(3, Host)");
}

TEST(Layout, ReadsTheOrderWithSparksPlaceOfNull) {
  EXPECT_EQ(Sort("n, host DESC"), "n, Host DESC NULLS LAST");
  EXPECT_EQ(SortFromText("s", "n", kColumns).value()[0], (SortBy{"n", false, false}));
  EXPECT_EQ(SortFromText("s", "n desc", kColumns).value()[0], (SortBy{"n", true, true}));
  EXPECT_EQ(SortFromText("s", "n ASC NULLS LAST", kColumns).value()[0], (SortBy{"n", false, true}));
  EXPECT_EQ(SortFromText("s", "n DESC nulls first", kColumns).value()[0],
            (SortBy{"n", true, false}));
}

TEST(Layout, TellsTheColumnsWhereOneIsNotThere) {
  EXPECT_EQ(Partition("n, days(tim)"), "p:1:4: the table has no column 'tim'; it has Host, n, at");
  EXPECT_EQ(Sort("x DESC"), "s:1:1: the table has no column 'x'; it has Host, n, at");
}

TEST(Layout, TellsOtherMistakesWithoutThem) {
  const std::string doubled = Partition("n, n");
  EXPECT_TRUE(doubled.starts_with("p:1:4: ")) << doubled;
  EXPECT_FALSE(doubled.contains("it has")) << doubled;
  const std::string wrong = Partition("days(n)");
  EXPECT_TRUE(wrong.starts_with("p:1:1: ")) << wrong;
  EXPECT_FALSE(wrong.contains("it has")) << wrong;
  EXPECT_EQ(Partition("bucket(n)"), "p:1:1: write bucket(16, column)");
  EXPECT_EQ(Partition("n)"), "p:1:2: expected ',' or the end, found ')'");
}

}  // namespace
}  // namespace st::dialect::spark
