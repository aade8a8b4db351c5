#include "lake/pruning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/single_value.h"
#include "lake/types.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;
using Op = RowFilter::Op;

const std::vector<Column> kColumns = {{1, "n", "long"},         {2, "i", "int"},
                                      {3, "x", "double"},       {4, "price", "decimal(9, 2)"},
                                      {5, "name", "string"},    {6, "day", "date"},
                                      {7, "at", "timestamptz"}, {8, "code", "binary"},
                                      {9, "late", "string"},    {10, "flag", "boolean"},
                                      {11, "single", "float"}};

// Spec N is by the Nth of these.
std::vector<PartitionSpec> Specs() {
  struct By {
    int column;
    TypeKind type;
    PartitionTransform transform;
  };
  const std::vector<By> all = {
      {1, TypeKind::kLong, {TransformKind::kBucket, 16}},
      {1, TypeKind::kLong, {TransformKind::kTruncate, 10}},
      {2, TypeKind::kInt, {TransformKind::kTruncate, 10}},
      {2, TypeKind::kInt, {TransformKind::kBucket, 16}},
      {3, TypeKind::kDouble, {TransformKind::kIdentity}},
      {5, TypeKind::kString, {TransformKind::kIdentity}},
      {5, TypeKind::kString, {TransformKind::kTruncate, 3}},
      {7, TypeKind::kTimestampTz, {TransformKind::kDay}},
      {7, TypeKind::kTimestampTz, {TransformKind::kHour}},
      {4, TypeKind::kDecimal, {TransformKind::kTruncate, 50}},
      {1, TypeKind::kLong, {TransformKind::kVoid}},
  };
  std::vector<PartitionSpec> specs = {{.id = 0, .fields = {}}};
  for (const auto& by : all) {
    const ColumnType source =
        by.type == TypeKind::kDecimal ? ColumnType{by.type, 9, 2} : ColumnType{.kind = by.type};
    specs.push_back({.id = static_cast<int>(specs.size()),
                     .fields = {{.id = 999 + static_cast<int>(specs.size()),
                                 .name = "f",
                                 .column_id = by.column,
                                 .column = "c",
                                 .transform = by.transform,
                                 .source = source,
                                 .result = ResultTypeOf(by.transform, source).value()}}});
  }
  return specs;
}
const std::vector<PartitionSpec> kSpecs = Specs();

// A file of spec `id` without statistics, in the partition of `value`, a text; nullopt: of NULL.
DataFile Partitioned(int id, const std::optional<std::string>& value) {
  const auto& field = kSpecs[static_cast<std::size_t>(id)].fields[0];
  DataFile file{.location = "p", .record_count = 4, .spec_id = id};
  if (!value) return file;
  const auto bytes = BoundFromText(IcebergName(field.source), *value).value();
  if (const auto made = Apply(field.transform, field.source, bytes)) {
    file.partition[field.id] = *made;
  }
  return file;
}

RowFilter Compare(int column, Op op, std::string value) {
  return {.op = op, .column_id = column, .value = std::move(value), .children = {}};
}
RowFilter Together(Op op, std::vector<RowFilter> children) {
  return {.op = op, .value = {}, .children = std::move(children)};
}

// A file with the values 10 to 20 in each column, as its engine would describe it.
DataFile File() {
  const auto column = [](std::string min, std::string max, std::int64_t nulls = 0) {
    return WrittenFile::Column{.size_bytes = 9,
                               .value_count = 4,
                               .null_count = nulls,
                               .min = std::move(min),
                               .max = std::move(max)};
  };
  WrittenFile file{.location = "a", .rows = 4, .bytes = 99};
  file.columns = {{1, column("-10", "20")},
                  {2, column("10", "20", 1)},
                  {3, column("-0.0", "20.5")},
                  {4, column("-0.05", "14.20")},
                  {5, column("a longer name than its bound", "another such long name")},
                  {6, column("2026-11-29", "2026-11-30")},
                  {7, column("2026-11-29 22:00:00+00", "2026-11-29 23:00:00.5+00")},
                  {8, column("00", "01")},
                  {10, column("false", "false")},
                  {11, column("1.5", "2.5")}};
  file.columns[3].nan_count = 0;
  return DataFileFrom(file, kColumns);
}

bool May(const RowFilter& filter, const DataFile& file,
         const std::vector<Column>& columns = kColumns) {
  std::vector<const DataFile*> files;
  Pruner(filter, columns, kSpecs).AddFiles(FileChunk({file}), files);
  return !files.empty();
}
bool May(const RowFilter& filter) { return May(filter, File()); }

TEST(Pruner, ComparesWithBothBounds) {
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "-10")));
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "20")));
  EXPECT_FALSE(May(Compare(1, Op::kEqual, "-11")));
  EXPECT_FALSE(May(Compare(1, Op::kEqual, "21")));
  EXPECT_FALSE(May(Compare(1, Op::kLess, "-10")));
  EXPECT_TRUE(May(Compare(1, Op::kLessOrEqual, "-10")));
  EXPECT_TRUE(May(Compare(1, Op::kLess, "-9")));
  EXPECT_FALSE(May(Compare(1, Op::kGreater, "20")));
  EXPECT_TRUE(May(Compare(1, Op::kGreaterOrEqual, "20")));
  EXPECT_TRUE(May(Compare(1, Op::kGreater, "19")));
}

TEST(Pruner, KnowsTheOrderOfEachType) {
  EXPECT_FALSE(May(Compare(2, Op::kGreater, "9007199254740993")));
  EXPECT_TRUE(May(Compare(2, Op::kLess, "9007199254740993")));
  EXPECT_TRUE(May(Compare(3, Op::kEqual, "0")));
  EXPECT_FALSE(May(Compare(3, Op::kLess, "0.0")));
  EXPECT_TRUE(May(Compare(3, Op::kLessOrEqual, "-0.0")));
  EXPECT_FALSE(May(Compare(4, Op::kGreater, "14.20")));
  EXPECT_TRUE(May(Compare(4, Op::kGreater, "14.19")));
  EXPECT_FALSE(May(Compare(4, Op::kLess, "-0.05")));
  EXPECT_TRUE(May(Compare(4, Op::kGreater, "14.205"))) << "finer than the column: not decided";
  EXPECT_FALSE(May(Compare(6, Op::kLess, "2026-11-29")));
  EXPECT_TRUE(May(Compare(6, Op::kEqual, "2026-11-30")));
  EXPECT_FALSE(May(Compare(7, Op::kGreater, "2026-11-29 23:00:00.5+00")));
  EXPECT_TRUE(May(Compare(7, Op::kGreater, "2026-11-30 05:00:00.499999+06")));
}

TEST(Pruner, TakesTruncatedBoundsForWhatTheyAre) {
  EXPECT_TRUE(May(Compare(5, Op::kEqual, "a longer name than its bound")));
  EXPECT_FALSE(May(Compare(5, Op::kLess, "a longer name t")));
  EXPECT_TRUE(May(Compare(5, Op::kGreater, "another such long name")));
  EXPECT_FALSE(May(Compare(5, Op::kGreater, "another such lop")));
  EXPECT_TRUE(May(Compare(5, Op::kGreaterOrEqual, ""))) << "an empty text is a value";
  EXPECT_FALSE(May(Compare(5, Op::kLess, "")));
}

TEST(Pruner, ExcludesNothingWhereItKnowsNothing) {
  EXPECT_TRUE(May({}));
  EXPECT_TRUE(May(Compare(9, Op::kEqual, "of a column that was added later")));
  EXPECT_TRUE(May(Compare(9, Op::kIsNull, "")));
  EXPECT_TRUE(May(Compare(77, Op::kEqual, "1")));
  EXPECT_TRUE(May(Compare(8, Op::kEqual, "ff")));
  EXPECT_TRUE(May(Compare(10, Op::kEqual, "true")));
  EXPECT_TRUE(May(Compare(11, Op::kEqual, "9")));
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "no number")));
  EXPECT_TRUE(May(Compare(7, Op::kEqual, "infinity")));
}

TEST(Pruner, CountsNulls) {
  EXPECT_TRUE(May(Compare(2, Op::kIsNull, "")));
  EXPECT_FALSE(May(Compare(1, Op::kIsNull, "")));
  EXPECT_TRUE(May(Compare(1, Op::kIsNotNull, "")));
  auto file = File();
  auto& stats = file.columns[1];
  stats.null_count = stats.value_count;
  stats.lower.reset();
  stats.upper.reset();
  EXPECT_FALSE(May(Compare(1, Op::kIsNotNull, ""), file));
  EXPECT_FALSE(May(Compare(1, Op::kEqual, "5"), file));
  EXPECT_TRUE(May(Compare(1, Op::kIsNull, ""), file));
  stats.null_count = -1;
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "5"), file));
}

TEST(Pruner, TakesNaNForTheLargestNumber) {
  EXPECT_FALSE(May(Compare(3, Op::kGreater, "21")));
  auto file = File();
  for (const std::int64_t nans : {1, -1}) {
    file.columns[3].nan_count = nans;
    EXPECT_TRUE(May(Compare(3, Op::kGreater, "21"), file)) << nans;
    EXPECT_FALSE(May(Compare(3, Op::kLess, "-1"), file)) << nans;
  }
}

TEST(Pruner, CombinesConditions) {
  const auto yes = Compare(1, Op::kEqual, "0");
  const auto no = Compare(1, Op::kEqual, "99");
  EXPECT_FALSE(May(Together(Op::kAll, {yes, no})));
  EXPECT_TRUE(May(Together(Op::kAll, {yes, {}})));
  EXPECT_TRUE(May(Together(Op::kOne, {no, yes})));
  EXPECT_FALSE(May(Together(Op::kOne, {no, no})));
  EXPECT_TRUE(May(Together(Op::kOne, {no, {}})));
}

TEST(Pruner, LooksForAnyOfManyConstants) {
  const auto in = [](int column, const std::vector<std::string>& values) {
    std::vector<RowFilter> children;
    for (const auto& value : values) children.push_back(Compare(column, Op::kEqual, value));
    return Together(Op::kOne, std::move(children));
  };
  EXPECT_FALSE(May(in(1, {"99", "-11", "21"})));
  EXPECT_TRUE(May(in(1, {"99", "20", "-11"})));
  EXPECT_FALSE(May(in(2, {"21", "9", "300"})));
  EXPECT_FALSE(May(in(5, {"a longer name t", "another such lop", ""})));
  EXPECT_TRUE(May(in(5, {"zzz", "about", "Z"})));
  EXPECT_TRUE(May(in(1, {"99", "no number"}))) << "not decided";
  auto either = in(1, {"99", "98"});
  either.children.push_back(Compare(2, Op::kEqual, "15"));
  EXPECT_TRUE(May(either));
}

TEST(Pruner, ReadsBoundsFromBeforeAColumnWasWidened) {
  const auto file = File();  // its column i is an int
  const std::vector<Column> wider = {{2, "i", "long"}};
  EXPECT_FALSE(May(Compare(2, Op::kEqual, "21"), file, wider));
  EXPECT_TRUE(May(Compare(2, Op::kEqual, "20"), file, wider));
}

TEST(Pruner, FindsTheBucketOfAConstant) {
  for (const int spec : {1, 4}) {
    const int column = spec == 1 ? 1 : 2;
    EXPECT_TRUE(May(Compare(column, Op::kEqual, "7"), Partitioned(spec, "7")));
    int others = 0;
    for (int n = 0; n < 100; ++n) {
      if (!May(Compare(column, Op::kEqual, std::to_string(n)), Partitioned(spec, "7"))) ++others;
    }
    EXPECT_GT(others, 80) << spec;
    EXPECT_TRUE(May(Compare(column, Op::kLess, "-7"), Partitioned(spec, "7")));
    EXPECT_TRUE(May(Compare(column, Op::kIsNotNull, ""), Partitioned(spec, "7")));
    EXPECT_FALSE(May(Compare(column, Op::kIsNull, ""), Partitioned(spec, "7")));
    EXPECT_FALSE(May(Compare(column, Op::kLess, "7"), Partitioned(spec, std::nullopt)));
    EXPECT_TRUE(May(Compare(column, Op::kIsNull, ""), Partitioned(spec, std::nullopt)));
  }
}

TEST(Pruner, ComparesWithPartitionsThatKeepTheOrder) {
  const auto eleven = Partitioned(2, "11");  // 10 to 19
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "19"), eleven));
  EXPECT_FALSE(May(Compare(1, Op::kEqual, "20"), eleven));
  EXPECT_FALSE(May(Compare(1, Op::kGreaterOrEqual, "20"), eleven));
  EXPECT_TRUE(May(Compare(1, Op::kGreater, "18"), eleven));
  EXPECT_FALSE(May(Compare(1, Op::kLessOrEqual, "9"), eleven));
  EXPECT_TRUE(May(Compare(1, Op::kLess, "11"), eleven));
  EXPECT_FALSE(May(Compare(1, Op::kEqual, "-1"), Partitioned(2, "1")));
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "-1"), Partitioned(2, "-10")));
  const std::string text = "a text that is longer than its bounds";
  EXPECT_FALSE(May(Compare(5, Op::kEqual, text + " have room"), Partitioned(6, text)));
  EXPECT_TRUE(May(Compare(5, Op::kEqual, text), Partitioned(6, text)));
  EXPECT_FALSE(May(Compare(5, Op::kGreater, text), Partitioned(6, text)));
  EXPECT_TRUE(May(Compare(5, Op::kGreater, "abcx"), Partitioned(7, "abcde")));
  EXPECT_FALSE(May(Compare(5, Op::kGreater, "abd"), Partitioned(7, "abcde")));
  EXPECT_FALSE(May(Compare(5, Op::kLess, "abb"), Partitioned(7, "abcde")));
  const auto day = Partitioned(8, "2026-11-29 22:00:00+00");
  EXPECT_TRUE(May(Compare(7, Op::kGreater, "2026-11-29 23:59:59+00"), day));
  EXPECT_FALSE(May(Compare(7, Op::kGreater, "2026-11-30 00:00:00+00"), day));
  EXPECT_FALSE(May(Compare(7, Op::kLess, "2026-11-28 23:59:59+00"), day));
  EXPECT_FALSE(May(Compare(7, Op::kEqual, "2026-11-29 21:59:59+00"),
                   Partitioned(9, "2026-11-29 22:00:00+00")));
  EXPECT_FALSE(May(Compare(4, Op::kGreaterOrEqual, "1.50"), Partitioned(10, "1.20")));
  EXPECT_TRUE(May(Compare(4, Op::kEqual, "1.49"), Partitioned(10, "1.20")));
}

TEST(Pruner, LeavesPartitionsAloneThatSayNothing) {
  EXPECT_TRUE(May(Compare(1, Op::kEqual, "7"), Partitioned(11, "8"))) << "a void field";
  EXPECT_TRUE(May(Compare(1, Op::kIsNull, ""), Partitioned(11, "8")));
  EXPECT_TRUE(May(Compare(2, Op::kEqual, "7"), Partitioned(2, "8"))) << "of another column";
  EXPECT_TRUE(May(Compare(3, Op::kGreater, "5"), [] {
    auto file = Partitioned(5, "1");
    file.partition[1004] = std::string("\0\0\0\0\0\0\xf8\x7f", 8);  // NaN
    return file;
  }()));
  EXPECT_FALSE(May(Compare(3, Op::kGreater, "5"), Partitioned(5, "1")));
  EXPECT_TRUE(May(Compare(3, Op::kEqual, "0"), Partitioned(5, "-0.0")));
}

// The least numbers wrap around where they are truncated: their partitions have the largest values.
TEST(Pruner, KeepsPartitionsThatWrappedAround) {
  const std::string least = "-9223372036854775808";
  EXPECT_TRUE(May(Compare(1, Op::kEqual, least), Partitioned(2, least)));
  EXPECT_TRUE(May(Compare(1, Op::kLess, "0"), Partitioned(2, least)));
  EXPECT_TRUE(May(Compare(1, Op::kGreater, least), Partitioned(2, "0")));
  EXPECT_TRUE(May(Compare(2, Op::kEqual, "-2147483648"), Partitioned(3, "-2147483648")));
  EXPECT_TRUE(May(Compare(2, Op::kLess, "0"), Partitioned(3, "-2147483648")));
  EXPECT_FALSE(May(Compare(2, Op::kLess, "0"), Partitioned(3, "2147483600")));
  const std::string late = "250000-01-01 00:00:00+00";  // its hour is more than 31 bits
  EXPECT_TRUE(May(Compare(7, Op::kGreater, "2026-01-01 00:00:00+00"), Partitioned(9, late)));
  EXPECT_TRUE(May(Compare(7, Op::kEqual, late), Partitioned(9, late)));
}

TEST(Pruner, FindsPartitionsOfAnyOfManyConstants) {
  std::vector<RowFilter> children;
  for (int n = 40; n < 60; ++n) children.push_back(Compare(1, Op::kEqual, std::to_string(n)));
  EXPECT_TRUE(May(Together(Op::kOne, children), Partitioned(2, "55")));
  EXPECT_FALSE(May(Together(Op::kOne, children), Partitioned(2, "35")));
  children.resize(2);
  EXPECT_TRUE(May(Together(Op::kOne, children), Partitioned(1, "41")));
}

// A bucket of an int and one of the long of its value are equal.
TEST(Pruner, FindsPartitionsFromBeforeAColumnWasWidened) {
  const std::vector<Column> wider = {{2, "i", "long"}};
  EXPECT_TRUE(May(Compare(2, Op::kEqual, "7"), Partitioned(4, "7"), wider));
  EXPECT_TRUE(May(Compare(2, Op::kEqual, "15"), Partitioned(3, "11"), wider));
  EXPECT_FALSE(May(Compare(2, Op::kEqual, "21"), Partitioned(3, "11"), wider));
  EXPECT_FALSE(May(Compare(2, Op::kGreater, "5000000000"), Partitioned(3, "11"), wider));
}

TEST(FilesFor, KeepsTheOrderOfTheTable) {
  auto low = File();
  low.location = "low";
  auto high = low;
  high.location = "high";
  high.columns[1].lower = high.columns[1].upper;
  View view{.name = {"default", "t"}, .columns = kColumns, .files = FileList({high, low, high})};
  const auto chosen = [&](const RowFilter& filter) {
    std::vector<std::string> locations;
    for (const auto* file : FilesFor(filter, view)) locations.push_back(file->location);
    return locations;
  };
  EXPECT_EQ(chosen({}).size(), 3U);
  EXPECT_THAT(chosen(Compare(1, Op::kLess, "5")), ElementsAre("low"));
  EXPECT_THAT(chosen(Compare(1, Op::kGreater, "5")), ElementsAre("high", "low", "high"));
}

}  // namespace
}  // namespace st::lake
