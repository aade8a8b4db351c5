#include "base/column_type.h"

#include <gtest/gtest.h>

namespace st {
namespace {

using enum TypeKind;

TEST(ColumnType, HasOneNameInEachEngine) {
  const ColumnType time{.kind = kTimestampTz};
  EXPECT_EQ(IcebergName(time), "timestamptz");
  EXPECT_EQ(DuckDbName(time), "TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(TrinoName(time), "timestamp(6) with time zone");
  const ColumnType money{.kind = kDecimal, .precision = 9, .scale = 2};
  EXPECT_EQ(IcebergName(money), "decimal(9, 2)");
  EXPECT_EQ(DuckDbName(money), "DECIMAL(9,2)");
  EXPECT_EQ(TrinoName(money), "decimal(9,2)");
  EXPECT_EQ(IcebergName({}), "");
}

TEST(ColumnType, ComesBackFromEachNameThatIsRead) {
  for (const auto kind : {kBoolean, kInt, kLong, kFloat, kDouble, kString, kBinary, kDate, kTime,
                          kTimestamp, kTimestampTz, kUuid}) {
    const ColumnType type{.kind = kind};
    EXPECT_EQ(ColumnTypeFromIceberg(IcebergName(type)), type) << IcebergName(type);
    EXPECT_EQ(ColumnTypeFromDuckDb(DuckDbName(type)), type) << DuckDbName(type);
  }
  const ColumnType money{.kind = kDecimal, .precision = 38, .scale = 38};
  EXPECT_EQ(ColumnTypeFromIceberg("decimal(38,38)"), money);
  EXPECT_EQ(ColumnTypeFromIceberg("decimal(38, 38)"), money);
  EXPECT_EQ(ColumnTypeFromDuckDb("Decimal(38,38)"), money);
}

TEST(ColumnType, IsNothingForWhatIsNoPrimitive) {
  for (const auto* name :
       {"", "fixed[16]", "list<int>", "INT", "decimal(39, 2)", "decimal(0, 0)", "decimal(3, 4)",
        "decimal(3)", "decimal(3,1", "decimal(-3,-4)", "decimal(3,1,1)", "int'); drop"}) {
    EXPECT_EQ(ColumnTypeFromIceberg(name), std::nullopt) << name;
  }
  for (const auto* name : {"", "NULL", "TINYINT", "INTEGER[]", "DECIMAL(39,2)"}) {
    EXPECT_EQ(ColumnTypeFromDuckDb(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace st
