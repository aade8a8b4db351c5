#include "cli/record_format.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

std::string Formatted(std::string_view format, const FormattedRecord& record) {
  const auto parsed = RecordFormat::Parse(format);
  if (!parsed) return parsed.error().message();
  std::string out;
  parsed->Append(out, record);
  return out;
}

FormattedRecord Record() {
  return {.topic = "clicks",
          .partition = 3,
          .offset = 42,
          .timestamp_ms = 1'700'000'000'000,
          .key = "k",
          .value = "hello",
          .headers = {{"a", "1"}, {"b", std::nullopt}, {"c", ""}}};
}

TEST(RecordFormat, HasEachFieldOfKcat) {
  EXPECT_EQ(Formatted(R"(%t [%p] %o: %k %K %s %S %T %h 100%%\n)", Record()),
            "clicks [3] 42: k 1 hello 5 1700000000000 a=1,b=NULL,c= 100%\n");
  EXPECT_EQ(Formatted("%R", Record()), std::string("\0\0\0\x05", 4));
}

TEST(RecordFormat, TellsNullFromEmpty) {
  auto record = Record();
  record.value = "";
  record.key = std::nullopt;
  record.headers.clear();
  EXPECT_EQ(Formatted("%s|%S|%k|%K|%h", record), "|0||-1|");
  record.value = std::nullopt;
  EXPECT_EQ(Formatted("%s|%S|%R", record), "|-1|\xff\xff\xff\xff");
}

TEST(RecordFormat, ReadsEscapesAsKcat) {
  EXPECT_EQ(Formatted(R"(a\x41\65\101\q\\ \t|\r|\x0a)", {}), "aAAeq\\ \t|\r|\n");
  EXPECT_EQ(Formatted(R"(\400|\x141|\0101|\0x41)", {}), "\x90|A|A|A");
  EXPECT_EQ(Formatted(R"(\08)", {}), std::string("\0"
                                                 "8",
                                                 2))
      << "a character 0 ends nothing";
  EXPECT_EQ(Formatted(R"(\%o\)", Record()), R"(\42\)");
}

TEST(RecordFormat, NamesThePlaceOfAMistake) {
  EXPECT_TRUE(Formatted("ab%q", {}).starts_with("\"%q\" at character 3 of the format"));
  EXPECT_TRUE(Formatted("ab%", {}).starts_with("\"%\" at character 3 of the format"));
  EXPECT_TRUE(Formatted(R"(a\xzz)", {}).starts_with("\\x at character 2 of the format"));
  EXPECT_TRUE(Formatted(R"(\x)", {}).starts_with("\\x at character 1 of the format"));
}

TEST(RecordFormat, KnowsWhetherItNeedsHeaders) {
  EXPECT_TRUE(RecordFormat::Parse("%o %h")->wants_headers());
  EXPECT_FALSE(RecordFormat::Parse("%o %%h")->wants_headers());
}

}  // namespace
}  // namespace st::cli
