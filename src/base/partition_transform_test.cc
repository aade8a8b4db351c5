#include "base/partition_transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/coding.h"
#include "base/text.h"

namespace st {
namespace {

using ::testing::HasSubstr;

std::string Long(std::int64_t value) {
  std::string out;
  AppendLittle(out, value);
  return out;
}

ColumnType TypeOf(std::string_view iceberg) {
  return ColumnTypeFromIceberg(iceberg).value_or(ColumnType());
}

// Appendix B of the specification.
TEST(PartitionTransform, HashesAsTheSpecificationSays) {
  const auto hash = [](std::string_view bytes) {
    return static_cast<std::int32_t>(Murmur3(bytes));
  };
  EXPECT_EQ(hash(Long(34)), 2017239379);
  EXPECT_EQ(hash(HexDecode("058c").value()), -500754589);     // 14.20 as decimal(9,2)
  EXPECT_EQ(hash(Long(17486)), -653330422);                   // 2017-11-16 as a date
  EXPECT_EQ(hash(Long(81'068'000'000)), -662762989);          // 22:31:08
  EXPECT_EQ(hash(Long(1'510'871'468'000'000)), -2047944441);  // 2017-11-16T22:31:08
  EXPECT_EQ(hash(Long(1'510'871'468'000'001)), -1207196810);
  EXPECT_EQ(hash("iceberg"), 1210000089);
  EXPECT_EQ(hash(BytesOf(Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7").value())), 1488055340);
  EXPECT_EQ(hash(HexDecode("00010203").value()), -188683207);
}

// Recorded by tests/clients/record_transforms.py.
TEST(PartitionTransform, AgreesWithPyIceberg) {
  std::ifstream in("testdata/pyiceberg_transforms.txt");
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    const auto parts = Split(line, '\t');
    ASSERT_EQ(parts.size(), 5U) << line;
    const auto transform = TransformFromIceberg(parts[0]);
    ASSERT_TRUE(transform) << line;
    const auto type = TypeOf(parts[1]);
    const auto made = Apply(*transform, type, HexDecode(parts[2]).value());
    EXPECT_EQ(made ? HexEncode(*made) : "null", parts[3]) << line;
    EXPECT_EQ(Readable(*transform, type, made), HexDecode(parts[4]).value()) << line;
  }
  EXPECT_GT(lines, 2000);
}

TEST(PartitionTransform, LeavesNullNull) {
  for (const auto* name : {"identity", "bucket[4]", "truncate[2]", "day", "void"}) {
    const auto transform = TransformFromIceberg(name).value();
    EXPECT_EQ(Apply(transform, {.kind = TypeKind::kDate}, std::nullopt), std::nullopt);
    EXPECT_EQ(Readable(transform, {.kind = TypeKind::kDate}, std::nullopt), "null");
  }
}

TEST(PartitionTransform, NamesComeBack) {
  for (const auto* name :
       {"identity", "bucket[16]", "truncate[4]", "year", "month", "day", "hour", "void"}) {
    EXPECT_EQ(IcebergName(TransformFromIceberg(name).value()), name);
  }
  for (const auto* name : {"", "bucket", "bucket[]", "bucket[0]", "bucket[-1]", "bucket[4",
                           "day[1]", "zorder", "bucket[99999999999]"}) {
    EXPECT_FALSE(TransformFromIceberg(name)) << name;
  }
}

TEST(PartitionTransform, FieldsHaveTheNamesOfIcebergsWriters) {
  const auto name = [](TransformKind kind, int parameter = 0) {
    return FieldNameOf({.kind = kind, .parameter = parameter}, "c");
  };
  EXPECT_EQ(name(TransformKind::kIdentity), "c");
  EXPECT_EQ(name(TransformKind::kBucket, 16), "c_bucket");
  EXPECT_EQ(name(TransformKind::kTruncate, 4), "c_trunc");
  EXPECT_EQ(name(TransformKind::kDay), "c_day");
  EXPECT_EQ(Describe({.kind = TransformKind::kBucket, .parameter = 16}, "id"), "bucket(16, id)");
  EXPECT_EQ(Describe({.kind = TransformKind::kHour}, "ts"), "hour(ts)");
}

TEST(PartitionTransform, ATypeThatItDoesNotTakeIsNamed) {
  const auto error = [](TransformKind kind, std::string_view type) {
    const auto result = ResultTypeOf({.kind = kind, .parameter = 1}, TypeOf(type));
    return result ? "taken: " + IcebergName(*result) : result.error().message();
  };
  EXPECT_EQ(error(TransformKind::kHour, "date"), "hour takes a column of type timestamp, not date");
  EXPECT_THAT(error(TransformKind::kBucket, "double"), HasSubstr("not double"));
  EXPECT_THAT(error(TransformKind::kTruncate, "date"), HasSubstr("not date"));
  EXPECT_EQ(error(TransformKind::kDay, "timestamptz"), "taken: date");
  EXPECT_EQ(error(TransformKind::kMonth, "date"), "taken: int");
  EXPECT_EQ(error(TransformKind::kTruncate, "decimal(9, 2)"), "taken: decimal(9, 2)");
  EXPECT_EQ(error(TransformKind::kIdentity, "boolean"), "taken: boolean");
}

TEST(PartitionTransform, ValuesOfAShorterNumberAreTaken) {
  std::string four;
  AppendLittle(four, std::int32_t{34});
  EXPECT_EQ(Apply({.kind = TransformKind::kBucket, .parameter = 1000}, TypeOf("long"), four),
            Apply({.kind = TransformKind::kBucket, .parameter = 1000}, TypeOf("long"), Long(34)));
  EXPECT_EQ(Apply({.kind = TransformKind::kDay}, TypeOf("timestamp"), "abc"), std::nullopt);
}

TEST(PartitionTransform, ComparesByType) {
  EXPECT_LT(CompareValues(TypeOf("long"), Long(-1), Long(1)), 0);
  EXPECT_LT(CompareValues(TypeOf("decimal(9, 2)"), "\xff", "\x01"), 0);
  EXPECT_GT(CompareValues(TypeOf("string"), "b", "a"), 0);
  std::string minus;
  std::string plus;
  AppendLittle(minus, std::bit_cast<std::int64_t>(-0.0));
  AppendLittle(plus, std::bit_cast<std::int64_t>(0.0));
  EXPECT_LT(CompareValues(TypeOf("double"), minus, plus), 0);
  EXPECT_EQ(CompareValues(TypeOf("uuid"), "x", "x"), 0);
}

}  // namespace
}  // namespace st
