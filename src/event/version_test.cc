#include "event/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::event {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Declaration Declared(const std::string& fields, const std::string& head = "") {
  auto event = ParseDeclaration("name = \"a\"\nroute = \"POST /a\"\nreply = \"\"\n" + head +
                                    "[fields]\nevent_type = \"a\"\n" + fields,
                                "a.toml");
  EXPECT_TRUE(event) << event.error().message();
  return event.value_or(Declaration());
}

constexpr const char* kOne = "n = { type = \"int\", min = 1, required = true }\n";

TEST(Shape, IsReadAsItWasWritten) {
  const auto event = Declared(
      "n = { type = \"int\", min = 1, max = 2, default = 1 }\n"
      "t = { one_of = [\"x\"], pattern = \".\" }\n",
      "headers = \"all\"\nkey = \"n\"\n");
  const auto read = DecodeShape(EncodeShape(event)).value();
  EXPECT_EQ(EncodeShape(read), EncodeShape(event));
  EXPECT_EQ(Compare(read, event).change, Change::kSame);
  EXPECT_EQ(DecodeShape("{}").error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(DecodeShape("[").error().code(), ErrorCode::kCorruption);
}

TEST(Shape, ReadsBoundsOfOlderEntriesAsDoubles) {
  const auto event = Declared("n = { type = \"long\", min = 1, max = 9007199254740993 }\n");
  auto text = EncodeShape(event);
  EXPECT_EQ(DecodeShape(text)->fields[1].max, Bound(std::int64_t{9007199254740993}));
  const std::string exact = "\"min\":1,\"max\":9007199254740993";
  text.replace(text.find(exact), exact.size(), "\"min\":1.0,\"max\":9007199254740992.0");
  const auto older = DecodeShape(text).value();
  EXPECT_EQ(older.fields[1].max, Bound(9007199254740992.0));
  EXPECT_EQ(Compare(older, event).change, Change::kSame);
}

TEST(Compare, AnAddedOptionalFieldIsCompatible) {
  const auto result =
      Compare(Declared(kOne), Declared(std::string(kOne) + "m = { type = \"long\" }\n"));
  EXPECT_EQ(result.change, Change::kCompatible);
  EXPECT_THAT(result.added, ElementsAre("m"));
  EXPECT_THAT(result.reasons, IsEmpty());
}

TEST(Compare, RouteReplyAndProseAreNoChange) {
  auto now = Declared(kOne);
  now.path = "/b";
  now.reply = "hello";
  now.description = "d";
  EXPECT_EQ(Compare(Declared(kOne), now).change, Change::kSame);
}

TEST(Compare, AnythingElseNeedsANewVersion) {
  const auto reasons = [](const Declaration& now) { return Compare(Declared(kOne), now).reasons; };
  EXPECT_THAT(reasons(Declared("")), ElementsAre("a.toml:1:8: field \"n\" is gone"));
  EXPECT_THAT(reasons(Declared("n = { type = \"long\", min = 1, required = true }\n")),
              ElementsAre("a.toml:6:1: field \"n\": type is \"long\", was \"int\""));
  EXPECT_THAT(reasons(Declared("n = { type = \"int\", min = 1 }\n")),
              ElementsAre("a.toml:6:1: field \"n\" is an optional int, was a required int"));
  EXPECT_THAT(reasons(Declared("n = \"int\"\n")),
              ElementsAre("a.toml:6:1: field \"n\" is the constant \"int\", was a required int"));
  EXPECT_THAT(Compare(Declared("n = { default = \"x\" }\n"), Declared("n = {}\n")).reasons,
              ElementsAre("a.toml:6:1: field \"n\": default is not set, was \"x\""));
  EXPECT_THAT(reasons(Declared("n = { type = \"int\", max = 9, required = true }\n")),
              ElementsAre("a.toml:6:1: field \"n\": max is 9, was not set",
                          "a.toml:6:1: field \"n\": min is not set, was 1"));
  EXPECT_THAT(reasons(Declared(std::string(kOne) + "m = { required = true }\n")),
              ElementsAre("a.toml:7:1: the new field \"m\" is not optional"));
  EXPECT_THAT(reasons(Declared(kOne, "topic = \"other\"\nheaders = \"all\"\n")),
              ElementsAre("a.toml:1:8: topic is \"other\", was \"events\"",
                          "a.toml:1:8: headers is \"all\", was \"none\""));
  EXPECT_EQ(Compare(Declared(kOne), Declared("", "version = 2\n")).change, Change::kNewVersion);
  EXPECT_THAT(Compare(Declared(kOne, "version = 3\n"), Declared(kOne, "version = 2\n")).reasons,
              ElementsAre("a.toml:1:8: version 3 came already",
                          "a.toml:1:8: table is \"a_v2\", was \"a_v3\""));
}

}  // namespace
}  // namespace st::event
