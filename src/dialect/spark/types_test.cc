#include "dialect/spark/types.h"

#include <gtest/gtest.h>

namespace st::dialect::spark {
namespace {

using enum TypeKind;

TEST(SparkTypes, AreReadFromSparksNamesOnly) {
  EXPECT_EQ(TypeFromName({.name = "int"})->kind, kInt);
  EXPECT_EQ(TypeFromName({.name = "long"})->kind, kLong);
  EXPECT_EQ(TypeFromName({.name = "timestamp"})->kind, kTimestampTz);
  EXPECT_EQ(TypeFromName({.name = "varchar"}), std::nullopt);
  EXPECT_EQ(TypeFromName({.name = "int", .arguments = {3}}), std::nullopt);
}

TEST(SparkTypes, GiveDecimalsSparksDefaults) {
  const auto decimal = [](std::vector<int> arguments) {
    const auto type = TypeFromName({.name = "decimal", .arguments = std::move(arguments)});
    return type ? SparkName(*type) : "none";
  };
  EXPECT_EQ(decimal({}), "DECIMAL(10,0)");
  EXPECT_EQ(decimal({7}), "DECIMAL(7,0)");
  EXPECT_EQ(decimal({38, 38}), "DECIMAL(38,38)");
  EXPECT_EQ(decimal({39, 0}), "none");
  EXPECT_EQ(decimal({0, 0}), "none");
  EXPECT_EQ(decimal({5, 6}), "none");
  EXPECT_EQ(decimal({5, 2, 1}), "none");
}

TEST(SparkTypes, AreShownBySparksNames) {
  EXPECT_EQ(SparkName({}), "VOID");
  EXPECT_EQ(SparkName({.kind = kInt}), "INT");
  EXPECT_EQ(SparkName({.kind = kLong}), "BIGINT");
  EXPECT_EQ(SparkName({.kind = kString}), "STRING");
  EXPECT_EQ(SparkName({.kind = kBinary}), "BINARY");
  EXPECT_EQ(SparkName({.kind = kTimestampTz}), "TIMESTAMP");
}

TEST(SparkTypes, UnifyToTheWiderNumberOnly) {
  EXPECT_EQ(CommonType({.kind = kInt}, {.kind = kLong})->kind, kLong);
  EXPECT_EQ(CommonType({.kind = kDouble}, {.kind = kInt})->kind, kDouble);
  EXPECT_EQ(CommonType({}, {.kind = kDate})->kind, kDate);
  EXPECT_EQ(CommonType({.kind = kDate}, {})->kind, kDate);
  EXPECT_EQ(CommonType({.kind = kString}, {.kind = kInt}), std::nullopt);
  EXPECT_EQ(CommonType({.kind = kDecimal, .precision = 3, .scale = 1}, {.kind = kInt}),
            std::nullopt);
}

}  // namespace
}  // namespace st::dialect::spark
