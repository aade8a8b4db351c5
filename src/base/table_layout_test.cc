#include "base/table_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st {
namespace {

using ::testing::HasSubstr;

const std::vector<LayoutColumn> kColumns = {{"id", {.kind = TypeKind::kLong}},
                                            {"ts", {.kind = TypeKind::kTimestampTz}},
                                            {"name", {.kind = TypeKind::kString}},
                                            {"ts_day", {.kind = TypeKind::kDate}},
                                            {"point", {}}};
constexpr PartitionTransform kDay{.kind = TransformKind::kDay};
constexpr PartitionTransform kHour{.kind = TransformKind::kHour};

PartitionTransform Bucket(int n) { return {.kind = TransformKind::kBucket, .parameter = n}; }

std::string ErrorOf(const TableLayout& layout) {
  const auto checked = CheckLayout(layout, kColumns);
  return checked ? "" : checked.error().message();
}

TEST(TableLayout, ALayoutThatFitsIsTaken) {
  EXPECT_EQ(ErrorOf({.partition = {{"ts", kHour}, {"id", Bucket(4)}, {"name", {}}, {"id", {}}},
                     .sort = {{"name", true, true}, {"id"}}}),
            "");
}

TEST(TableLayout, WhatDoesNotFitIsNamed) {
  EXPECT_EQ(ErrorOf({.partition = {{"x", kDay}}, .sort = {}}), "the table has no column 'x'");
  EXPECT_EQ(ErrorOf({.partition = {}, .sort = {{"x"}}}), "the table has no column 'x'");
  EXPECT_EQ(ErrorOf({.partition = {}, .sort = {{"point"}}}), "column 'point' has a nested type");
  EXPECT_EQ(ErrorOf({.partition = {{"name", kDay}}, .sort = {}}),
            "day(name): day takes a column of type date or timestamp, not string");
  EXPECT_EQ(ErrorOf({.partition = {{"ts_day", kDay}, {"ts_day", {.kind = TransformKind::kYear}}},
                     .sort = {}}),
            "year(ts_day) beside day(ts_day) is redundant: keep one");
  EXPECT_EQ(ErrorOf({.partition = {{"id", Bucket(2)}, {"id", Bucket(4)}}, .sort = {}}),
            "bucket(2, id) and bucket(4, id) would both be the partition field 'id_bucket'");
  EXPECT_THAT(ErrorOf({.partition = {{"ts", kDay}}, .sort = {}}),
              HasSubstr("a column has that name"));
  EXPECT_EQ(ErrorOf({.partition = {}, .sort = {{"id"}, {"id", true}}}),
            "column 'id' is in the order twice");
  EXPECT_THAT(ErrorOf({.partition = std::vector<PartitionBy>(17, {"id", {}}), .sort = {}}),
              HasSubstr("redundant"));
}

TEST(TableLayout, IsDescribedAsAPersonWritesIt) {
  EXPECT_EQ(Describe(std::vector<PartitionBy>{{"ts", kDay}, {"id", Bucket(16)}, {"name", {}}}),
            "day(ts), bucket(16, id), name");
  EXPECT_EQ(Describe(std::vector<SortBy>{
                {"a"}, {"b", true, true}, {"c", false, true}, {"d", true, false}}),
            "a, b DESC NULLS LAST, c NULLS LAST, d DESC NULLS FIRST");
}

}  // namespace
}  // namespace st
