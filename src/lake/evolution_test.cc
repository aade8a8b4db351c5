// Tests which change of columns is found, in words, and what it is stopped by.
#include "lake/evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/nested_type.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Column> kNow = {{1, "a", "int"}, {2, "b", "string", "what b is"}};

NestedField Member(const std::string& name, NestedType type, int id = 0) {
  return {.id = id, .name = name, .type = std::move(type), .doc = {}};
}

TEST(PlanEvolution, FindsNothingWhereTheColumnsAreThere) {
  const auto plan = PlanEvolution(kNow, {{0, "a", "int"}, {0, "b", "string", "what b is"}}, {});
  EXPECT_THAT(plan.changes, IsEmpty());
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_EQ(plan.columns, kNow);
}

TEST(PlanEvolution, AddsWidensMovesAndComments) {
  const auto plan =
      PlanEvolution(kNow, {{0, "c", "date"}, {0, "b", "string", "other"}, {0, "a", "long"}}, {});
  EXPECT_THAT(plan.changes,
              ElementsAre("adds column c (date)", "changes the comment of b",
                          "widens a from int to long", "puts the columns in the order c, b, a"));
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_THAT(plan.columns, ElementsAre(Column{0, "c", "date"}, Column{2, "b", "string", "other"},
                                        Column{1, "a", "long"}));
}

TEST(PlanEvolution, RenamesAndDropsOnlyWhatIsAskedFor) {
  const std::vector<Column> wanted = {{0, "c", "int"}};
  const auto stopped = PlanEvolution(kNow, wanted, {});
  EXPECT_THAT(stopped.obstacles,
              ElementsAre(HasSubstr("a is missing: say 'steelthread.drop' = 'a'"),
                          HasSubstr("'steelthread.rename' = 'b AS …'")));
  const auto plan = PlanEvolution(kNow, wanted, {.renames = {{"a", "c"}}, .drops = {"b"}});
  EXPECT_THAT(plan.changes, ElementsAre("renames column a to c", "drops column b"));
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_THAT(plan.columns, ElementsAre(Column{1, "c", "int"}));
}

TEST(PlanEvolution, ARequestThatWasFulfilledSaysNothing) {
  const ColumnRequests requests{.renames = {{"old", "a"}}, .drops = {"gone", "b"}};
  EXPECT_THAT(PlanEvolution(kNow, kNow, requests).changes, IsEmpty());
  // A new column may have the name that another one had.
  const auto plan = PlanEvolution(kNow, {kNow[0], kNow[1], {0, "old", "int"}}, requests);
  EXPECT_THAT(plan.changes, ElementsAre("adds column old (int)"));
}

// Whether the rename was done before the SELECT made the old name again, nothing would say later.
TEST(PlanEvolution, AnOldNameThatIsWantedTooIsNotRenamed) {
  const auto plan = PlanEvolution(kNow, {{0, "c", "int"}, kNow[0], kNow[1]},
                                  {.renames = {{"a", "c"}}, .drops = {}});
  EXPECT_THAT(plan.obstacles, ElementsAre("column a is to become c, and the SELECT makes a too: "
                                          "rename it with one reload, and add the new a with a "
                                          "later one"));
}

TEST(PlanEvolution, RequestsFindColumnsInAnyCase) {
  const auto plan =
      PlanEvolution(kNow, {{0, "c", "int"}}, {.renames = {{"A", "C"}}, .drops = {"B"}});
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_THAT(plan.changes, ElementsAre("renames column a to c", "drops column b"));
}

TEST(PlanEvolution, StopsAtOtherTypesAndAtNamesThatDifferInCase) {
  const auto plan = PlanEvolution(kNow, {{0, "a", "double"}, {0, "B", "string"}}, {});
  EXPECT_THAT(plan.obstacles,
              ElementsAre(HasSubstr("a is int in the table and double in the SELECT"),
                          HasSubstr("B differs from b of the table in case alone")));
}

TEST(PlanEvolution, ComparesWhatIsNested) {
  const auto list = [](std::vector<NestedField> fields, int id) {
    return TypeText(ListType(StructType(std::move(fields)), id));
  };
  const std::vector<Column> now = {
      {1, "l",
       list({Member("a", PrimitiveType("float"), 3), Member("b", PrimitiveType("int"), 4)}, 2)}};
  const std::vector<Column> wanted = {
      {0, "l",
       list({Member("n", PrimitiveType("date")), Member("a", PrimitiveType("double"))}, 0)}};
  const auto stopped = PlanEvolution(now, wanted, {});
  EXPECT_THAT(stopped.obstacles,
              ElementsAre(HasSubstr("l.element.b is missing: say 'steelthread.drop' = "
                                    "'l.element.b'")));
  const auto plan = PlanEvolution(now, wanted, {.renames = {}, .drops = {"l.element.b"}});
  EXPECT_THAT(plan.changes,
              ElementsAre("adds field l.element.n (date)",
                          "widens l.element.a from float to double", "drops field l.element.b"));
  EXPECT_EQ(ShownType(*ParseType(plan.columns[0].type)), "list<2: struct<n: date, 3: a: double>>");
  const auto other = PlanEvolution(now, {{0, "l", TypeText(ListType(PrimitiveType("int")))}}, {});
  EXPECT_THAT(other.obstacles, ElementsAre(HasSubstr("l.element is struct<a: float, b: int> in")));
}

TEST(PlanEvolution, RenamesFieldsOfStructs) {
  const auto list = [](std::vector<NestedField> fields, int id) {
    return TypeText(ListType(StructType(std::move(fields)), id));
  };
  const std::vector<Column> now = {
      {1, "l",
       list({Member("a", PrimitiveType("int"), 3), Member("b", PrimitiveType("int"), 4)}, 2)}};
  const std::vector<Column> wanted = {
      {0, "m", list({Member("c", PrimitiveType("int")), Member("b", PrimitiveType("int"))}, 0)}};
  EXPECT_THAT(PlanEvolution(now, wanted, {.renames = {{"l", "m"}}, .drops = {}}).obstacles,
              ElementsAre(HasSubstr("'steelthread.rename' = 'm.element.a AS …'")));
  const auto plan =
      PlanEvolution(now, wanted, {.renames = {{"l", "m"}, {"m.element.a", "c"}}, .drops = {}});
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_THAT(plan.changes, ElementsAre("renames column l to m", "renames field m.element.a to c"));
  EXPECT_EQ(ShownType(*ParseType(plan.columns[0].type)), "list<2: struct<3: c: int, 4: b: int>>");
}

TEST(PlanEvolution, OneColumnGetsOneNewName) {
  const auto plan = PlanEvolution(kNow, {{0, "c", "int"}, {0, "d", "int"}, kNow[1]},
                                  {.renames = {{"a", "c"}, {"a", "d"}}, .drops = {}});
  EXPECT_THAT(plan.changes, ElementsAre("renames column a to c", "adds column d (int)"));
}

TEST(PlanEvolution, AColumnThatPartitionsFilesStays) {
  View table;
  table.columns = kNow;
  table.partition_specs = {{.id = 0, .fields = {{.id = 1000, .name = "a", .column_id = 1}}}};
  EXPECT_THAT(PlanEvolution(table, {{0, "a", "long"}, kNow[1]}, {}).obstacles, IsEmpty());
  EXPECT_THAT(PlanEvolution(table, {{0, "a", "date"}, kNow[1]}, {}).obstacles,
              ElementsAre(HasSubstr("a is int in the table and date in the SELECT")));
  EXPECT_THAT(PlanEvolution(table, {kNow[1]}, {.renames = {}, .drops = {"a"}}).obstacles,
              ElementsAre("a is in a layout that the table has or had, so it cannot go"));
  const ColumnRequests requests{.renames = {{"a", "c"}}, .drops = {"b"}};
  EXPECT_THAT(PlanEvolution(table, {{0, "c", "int"}}, requests).obstacles, IsEmpty());
}

TEST(PlanEvolution, NoColumnGetsTheNameOfAPartitionField) {
  View table;
  table.columns = kNow;
  const PartitionTransform bucket{.kind = TransformKind::kBucket, .parameter = 4};
  table.partition_specs = {
      {.id = 0,
       .fields = {
           {.id = 1000, .name = "a_bucket", .column_id = 1, .column = "a", .transform = bucket}}}};
  EXPECT_THAT(PlanEvolution(table, {kNow[0], kNow[1], {0, "a_bucket", "int"}}, {}).obstacles,
              ElementsAre(HasSubstr("column a_bucket has the name of a partition field")));
  EXPECT_THAT(PlanEvolution(table, {kNow[0], kNow[1], {0, "c", "int"}}, {}).obstacles, IsEmpty());
}

TEST(PlanEvolution, KeysOfMapsStay) {
  const auto map = [](const char* key, const char* value) {
    return TypeText(MapType(PrimitiveType(key), PrimitiveType(value), 2, 3));
  };
  EXPECT_THAT(
      PlanEvolution({{1, "m", map("int", "int")}}, {{0, "m", map("int", "long")}}, {}).changes,
      ElementsAre("widens m.value from int to long"));
  EXPECT_THAT(
      PlanEvolution({{1, "m", map("int", "int")}}, {{0, "m", map("long", "int")}}, {}).obstacles,
      ElementsAre(HasSubstr("m is map<int, int> in the table")));
}

}  // namespace
}  // namespace st::lake
