#include "jobs/nested_json.h"

#include <gtest/gtest.h>

namespace st::jobs {
namespace {

NestedField Member(const std::string& name, NestedType type) {
  return {.name = name, .type = std::move(type), .doc = {}};
}
NestedType Int() { return PrimitiveType("int"); }

TEST(WithFieldNames, NamesTheFieldsOfStructsInWhateverDepth) {
  const auto point = StructType({Member("x", Int()), Member("y \"z", ListType(Int()))});
  const std::vector<NestedType> columns = {PrimitiveType("string"), point, ListType(point),
                                           MapType(PrimitiveType("string"), point)};
  EXPECT_EQ(WithFieldNames(R"([["a,[]\"",[1,[2,null]],[[3,[]],null],{"k":[null,null]}],)"
                           R"([null,null,[],{}]])",
                           columns),
            R"([["a,[]\"",{"x":1,"y \"z":[2,null]},[{"x":3,"y \"z":[]},null],)"
            R"({"k":{"x":null,"y \"z":null}}],[null,null,[],{}]])");
  EXPECT_EQ(WithFieldNames("[]", columns), "[]");
}

TEST(WithFieldNames, LeavesAllElseAsItIs) {
  EXPECT_EQ(WithFieldNames("[[1.50,[1e9]]]", {Int(), ListType(Int())}), "[[1.50,[1e9]]]");
  const std::vector<NestedType> columns = {StructType({Member("x", Int())})};
  const std::string whole = R"([[["a\"b"]],[[-1.5]]])";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(WithFieldNames(whole.substr(0, size), columns), whole.substr(0, size));
  }
  for (const auto* text :
       {"[[[1,2]]]", "[[[]]]", "[[1]]", "[[{\"a\":1}]]", "[[[1]]]x", "[[[1],2]]"}) {
    EXPECT_EQ(WithFieldNames(text, columns), text);
  }
}

}  // namespace
}  // namespace st::jobs
