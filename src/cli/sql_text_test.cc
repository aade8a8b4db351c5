#include "cli/sql_text.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

using Texts = std::vector<std::string>;

TEST(SplitStatements, CutsAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_EQ(SplitStatements("select 1"), (Texts{"select 1"}));
  EXPECT_EQ(SplitStatements("select ';' ; select \";\";\n-- a;b\nselect 2 /* ; */;"),
            (Texts{"select ';'", "select \";\"", "-- a;b\nselect 2 /* ; */"}));
  EXPECT_EQ(SplitStatements(" ;; -- only a remark\n; /* and one more */"), Texts{});
  EXPECT_EQ(SplitStatements("select 'it''s;'"), (Texts{"select 'it''s;'"}));
  EXPECT_EQ(SplitStatements("select 'open;"), (Texts{"select 'open;"}));
}

TEST(SplitStatements, CutsWhereTheServerWouldEndAToken) {
  EXPECT_EQ(SplitStatements("select $$a;b$$; select e'\\';'"),
            (Texts{"select $$a;b$$", "select e'\\';'"}));
  EXPECT_EQ(SplitStatements("select 1 /* a /* b */ ; c */; select 2"),
            (Texts{"select 1 /* a /* b */ ; c */", "select 2"}));
}

TEST(ErrorText, PointsAtThePlace) {
  EXPECT_EQ(ErrorText({"COLUMN_NOT_FOUND", "line 1:8: no x", statement::Location{1, 8}},
                      "select x from t"),
            "line 1:8: no x\nselect x from t\n       ^\n");
  EXPECT_EQ(ErrorText({"E", "m", statement::Location{2, 3}}, "select\n\t\xE6\x97\xA5x"),
            "m\n\t\xE6\x97\xA5x\n\t  ^\n");
  EXPECT_EQ(ErrorText({"E", "m", statement::Location{9, 1}}, "select"), "m\n");
  EXPECT_EQ(ErrorText({"E", "m", statement::Location{0, 0}}, "select"), "m\n");
  EXPECT_EQ(ErrorText({"E", "m", {}}, "select"), "m\n");
}

}  // namespace
}  // namespace st::cli
