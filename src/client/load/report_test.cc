#include "client/load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace st::client::load {
namespace {

TEST(Report, IsNotGoodIfAllWasRefused) {
  Report report;
  report.tally.sent = 2;
  report.tally.refused = 2;
  EXPECT_FALSE(report.is_good());
  EXPECT_NE(ReportTable(report).find("nothing was acknowledged"), std::string::npos);
  report.tally.acknowledged = 1;
  EXPECT_TRUE(report.is_good());
}

TEST(Report, BlamesTheTargetOnlyWhereItMayBeAnother) {
  Report report;
  report.tally.sent = 5;
  report.tally.refused = 5;
  EXPECT_THAT(ReportTable(report), ::testing::HasSubstr("-C the project that it serves\n"));
  report.is_steelthread = true;  // its project was compared before
  report.tally.refused_codes = {{"player_exists", 5}};
  EXPECT_THAT(ReportTable(report), ::testing::HasSubstr("the codes above say why"));
  EXPECT_THAT(ReportTable(report), ::testing::Not(::testing::HasSubstr("--target")));
}

TEST(Report, IsGoodOnlyIfTheFourAreEqual) {
  Report report;
  report.tally.sent = 3;
  report.tally.acknowledged = 3;
  EXPECT_TRUE(report.is_good());
  report.verdict = ledger::Verdict{.sent = 3, .acknowledged = 3, .in_log = 3, .in_tables = 3};
  EXPECT_TRUE(report.is_good());
  report.verdict->in_tables = 2;
  EXPECT_FALSE(report.is_good());
  report.verdict.reset();
  report.foreign_log = 3;
  EXPECT_TRUE(report.is_good());
  report.foreign_log = 2;
  EXPECT_FALSE(report.is_good());
  report.foreign_log = 4;
  EXPECT_FALSE(report.is_good());
}

TEST(Report, IsOneJsonObjectWithEveryFinding) {
  Report report{.target = "http://127.0.0.1:5000", .verdict = ledger::Verdict{.missing = 1}};
  report.missing.push_back({.key = "k-1", .event = "sword", .where = "log", .position = ""});
  const auto json = ReportJson(report);
  EXPECT_THAT(json,
              ::testing::HasSubstr(R"("missing":[{"key":"k-1","event":"sword","where":"log"}])"));
  EXPECT_THAT(json, ::testing::HasSubstr(R"("latency_ms":{"p50":0.0,)"));
  EXPECT_EQ(std::ranges::count(json, '\n'), 1);
  EXPECT_THAT(ReportTable(report), ::testing::HasSubstr("missing in log: k-1 sword"));
}

TEST(Report, ListsCodesUnderTheRowThatTheyExplain) {
  Report report;
  report.tally.sent = 9;
  report.tally.refused = 3;
  report.tally.refused_codes = {{"insufficient_funds", 2}, {"out_of_stock", 1}};
  report.tally.failed = 1;
  report.tally.failed_codes = {{"HTTP 500", 1}};
  EXPECT_THAT(ReportTable(report), ::testing::HasSubstr("refused                   3\n"
                                                        "  insufficient_funds      2\n"
                                                        "  out_of_stock            1\n"
                                                        "unanswered                0\n"
                                                        "failed                    1\n"
                                                        "  HTTP 500                1\n"
                                                        "repeated "));
  EXPECT_THAT(
      ReportJson(report),
      ::testing::HasSubstr(R"("refused":3,"refused_codes":{"insufficient_funds":2,)"
                           R"("out_of_stock":1},"failed":1,"failed_codes":{"HTTP 500":1})"));
}

}  // namespace
}  // namespace st::client::load
