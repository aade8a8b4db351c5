#include "spark_values/number.h"

#include <gtest/gtest.h>

#include <cmath>

#include "spark_values/number_text.h"

namespace st::spark_values {
namespace {

TEST(SparkNumber, RoundsTheDigitsThatJavaWrites) {
  EXPECT_EQ(Round(1.005, 2), 1.01);
  EXPECT_EQ(Round(2.5, 0), 3);
  EXPECT_EQ(RoundEven(2.5, 0), 2);
  EXPECT_EQ(Round(-123.456, -1), -120);
  EXPECT_EQ(Round(9.995, 2), 10);
  EXPECT_FALSE(std::signbit(Round(-0.2, 0)));
  EXPECT_EQ(RoundLong(155, -1).value(), 160);
  EXPECT_EQ(RoundEvenInt(25, -1).value(), 20);
  EXPECT_FALSE(RoundInt(INT32_MAX, -1));
}

TEST(SparkNumber, HasJavasCasts) {
  EXPECT_EQ(CeilLong(NAN), 0);
  EXPECT_EQ(FloorLong(-1e300), INT64_MIN);
  EXPECT_EQ(DoubleToLong(0x1p63), INT64_MAX);
  EXPECT_FALSE(DoubleToLong(1e19));
  EXPECT_EQ(DoubleToInt(2147483647.5), INT32_MAX);
  EXPECT_FALSE(DoubleToInt(NAN));
}

TEST(SparkNumber, CountsWholeNumbers) {
  EXPECT_EQ(Factorial(20), 2432902008176640000);
  EXPECT_FALSE(Factorial(21));
  EXPECT_EQ(WidthBucket(5.3, 0.2, 10.6, 5), 3);
  EXPECT_FALSE(WidthBucket(1, 0, 0, 5));
  EXPECT_EQ(ShiftLeftInt(1, 33), 2);
  EXPECT_EQ(ShiftRightUnsignedLong(-1, 1), INT64_MAX);
  EXPECT_EQ(PositiveModLong(-7, 3), 2);
  EXPECT_EQ(PositiveModLong(INT64_MIN, -1), 0);
  EXPECT_FALSE(TryMultiplyLong(INT64_MAX, 2));
  EXPECT_FALSE(Ln(0));
  EXPECT_FALSE(Log1p(-1));
}

TEST(SparkNumberText, WritesDoublesAsJavaDoes) {
  EXPECT_EQ(DoubleText(1e7), "1.0E7");
  EXPECT_EQ(DoubleText(9999999.999), "9999999.999");
  EXPECT_EQ(DoubleText(0.00099), "9.9E-4");
  EXPECT_EQ(DoubleText(4.9e-324), "4.9E-324");
  EXPECT_EQ(DoubleText(-0.0), "-0.0");
  EXPECT_EQ(DoubleText(100), "100.0");
}

TEST(SparkNumberText, ReadsNumbersAsSparkDoes) {
  EXPECT_EQ(IntOf(" +7\n"), 7);
  EXPECT_EQ(IntOf("2147483648"), std::nullopt);
  EXPECT_EQ(IntOf("1.0"), std::nullopt);
  EXPECT_EQ(LongOf("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(DoubleOf("1e400"), HUGE_VAL);
  EXPECT_EQ(DoubleOf("0x1p3"), 8);
  EXPECT_EQ(DoubleOf("1.5f"), 1.5);
  EXPECT_EQ(DoubleOf("1_0"), std::nullopt);
  EXPECT_EQ(BooleanOf("Yes "), true);
  EXPECT_EQ(BooleanOf("on"), std::nullopt);
}

TEST(SparkNumberText, FormatsNumbers) {
  EXPECT_EQ(FormatNumber(12345678.125, 2), "12,345,678.12");
  EXPECT_EQ(FormatNumber(1e22, 0), "10,000,000,000,000,000,000,000");
  EXPECT_EQ(FormatNumber(1, -1), std::nullopt);
  EXPECT_EQ(FormatWhole(INT64_MIN, 1), "-9,223,372,036,854,775,808.0");
  EXPECT_EQ(Bin(-1).size(), 64U);
  EXPECT_EQ(Conv("-15", 10, -16).value(), "-F");
  EXPECT_EQ(Conv("-FF", 16, 10).value(), "18446744073709551361");
  EXPECT_EQ(Conv("8", 8, 10).value(), "0");
  EXPECT_FALSE(Conv("18446744073709551616", 10, 16));
}

}  // namespace
}  // namespace st::spark_values
