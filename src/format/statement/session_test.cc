#include "format/statement/session.h"

#include <gtest/gtest.h>

namespace st::statement {
namespace {

TEST(Headers, AreReadInBothFamilies) {
  const auto trino = ParseSession({{"X-Trino-User", "ann"},
                                   {"x-trino-catalog", "lake"},
                                   {"X-Trino-Schema", " bad "},
                                   {"X-Trino-Time-Zone", "Europe/Berlin"},
                                   {"X-Trino-Client-Capabilities", "PATH, PARAMETRIC_DATETIME"},
                                   {"X-Trino-Session", "a=1%202,b=x+y,broken,c=%zz"},
                                   {"X-Trino-Session", "d=4"}});
  EXPECT_EQ(trino.family, Family::kTrino);
  EXPECT_EQ(trino.user, "ann");
  EXPECT_EQ(trino.schema, "bad");
  EXPECT_TRUE(trino.parametric_datetime);
  EXPECT_EQ(trino.properties, (std::map<std::string, std::string>{
                                  {"a", "1 2"}, {"b", "x y"}, {"c", "%zz"}, {"d", "4"}}));
  const auto presto = ParseSession({{"X-PRESTO-USER", "bob"}, {"X-Presto-Schema", "default"}});
  EXPECT_EQ(presto.family, Family::kPresto);
  EXPECT_EQ(presto.user, "bob");
  EXPECT_EQ(presto.schema, "default");
  EXPECT_FALSE(presto.parametric_datetime);
  EXPECT_EQ(ParseSession({}).family, Family::kTrino);
}

}  // namespace
}  // namespace st::statement
