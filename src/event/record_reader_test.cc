#include "event/record_reader.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "event/compose.h"
#include "event/timestamp.h"

namespace st::event {
namespace {

using Verdict = RecordReader::Verdict;

Declaration Declared(const std::string& fields, const std::string& head = "") {
  auto event = ParseDeclaration("name = \"when\"\nroute = \"POST /when\"\nreply = \"\"\n" + head +
                                    "[fields]\nevent_type = \"when\"\n" + fields,
                                "when.toml");
  EXPECT_TRUE(event) << event.error().message() << "\n" << fields;
  return event.value_or(Declaration());
}

// Encodes and decodes the rules, as a job sends them to a worker.
TableRules Sent(const TableRules& rules) {
  auto read = DecodeRules(EncodeRules(rules));
  EXPECT_TRUE(read) << read.error().message();
  return read ? *read : rules;
}

TableRules RulesOf(const Declaration& event) {
  return Sent({.entries = {{.declaration = event, .since = {}}}, .until = {}});
}

std::string Read(RecordReader& reader, std::optional<std::string_view> value,
                 RecordReader::Place place = {}) {
  switch (reader.Read(place, value)) {
    case Verdict::kOther:
      return "other";
    case Verdict::kRow:
      return reader.columns();
    case Verdict::kDead:
      return reader.code() + ": " + reader.reason();
  }
  return "";
}

constexpr const char* kFields =
    "s = {}\nb = { type = \"boolean\" }\nd = { type = \"double\" }\n"
    "t = { type = \"timestamp\" }\nn = { type = \"long\", required = true, min = 0 }\n";

class RecordReaderTest : public ::testing::Test {
 protected:
  std::string Of(const std::string& members) {
    return Read(reader_, R"({"event_type":"when",)" + members + "}");
  }
  std::string Whole(std::optional<std::string_view> value) { return Read(reader_, value); }
  RecordReader reader_{RulesOf(Declared(kFields))};
};

TEST_F(RecordReaderTest, GivesEachColumnAsText) {
  EXPECT_EQ(Of(R"("n":5)"), R"({"4":"5"})");
  EXPECT_EQ(Of(R"("n" : 9223372036854775807,"s":"\u00e9\"","b":false,"d":1e23,)"
               R"("t":"1970-01-01t00:00:01z","extra":{"a":[null]})"),
            R"({"0":"\u00e9\"","1":"false","2":"1e+23","3":"1000000","4":"9223372036854775807"})");
  EXPECT_EQ(Of(R"("n":1,"s":null,"d":10000000000000000000000)"), R"({"2":"1e+22","4":"1"})");
}

TEST_F(RecordReaderTest, RefusesValuesThatARequestMayNotSend) {
  EXPECT_EQ(Of(R"("n":1,"s":{"a":1})"), "invalid_field: field 's': want text");
  EXPECT_EQ(Of(R"("n":1,"b":"yes")"), "invalid_field: field 'b': want true or false");
  EXPECT_EQ(Of(R"("n":1,"d":"1d")"), "invalid_field: field 'd': want a number");
  EXPECT_EQ(Of(R"("n":1,"t":"2026-11-28")"),
            "invalid_field: field 't': want a time as in 2026-11-27T10:00:00Z");
  EXPECT_EQ(Of(R"("n":-1)"),
            "invalid_field: field 'n': want a whole number of 64 bits of at least 0");
  EXPECT_EQ(Of(R"("s":"x")"),
            "missing_field: field 'n' is missing; want a whole number of 64 bits of at least 0");
  EXPECT_EQ(Of(R"("n":null)"),
            "missing_field: field 'n' is missing; want a whole number of 64 bits of at least 0");
  EXPECT_EQ(Of(R"("n":1,"n":1)"), "repeated_field: \"n\" stands in one object more than once");
  EXPECT_EQ(Of(R"("n":1,"event_type":"other")"),
            "repeated_field: \"event_type\" stands in one object more than once");
}

TEST_F(RecordReaderTest, IgnoresRecordsOfOtherEvents) {
  for (const auto* value :
       {"", "null", "5", "[]", "{}", R"("when")", R"({"event_type":"when","n":1,})",
        R"({"event_type":"when","n":NaN})", R"({"event_type":"when","n":1} x)",
        R"({"event_type":"wheN","n":1})", R"({"event_type":["when"],"n":1})",
        R"({"a":{"event_type":"when"},"n":1})", R"([{"event_type":"when","n":1}])",
        "{\"event_type\":\"when\",\"n\":1,\"s\":\"\xFF\"}",
        "\xEF\xBB\xBF\xEF\xBB\xBF{\"event_type\":\"when\",\"n\":1}",
        " \xEF\xBB\xBF{\"event_type\":\"when\",\"n\":1}", "\xEF\xBB\xBF",
        R"({"event_type":"when","n":1,"s":"\ud800"})", R"({"event_type":"when","n":01})"}) {
    EXPECT_EQ(Whole(value), "other") << value;
  }
  EXPECT_EQ(Whole(std::nullopt), "other");
  EXPECT_EQ(Whole("\xEF\xBB\xBF{\"event_type\":\"when\",\"n\":1}"), R"({"4":"1"})");
  EXPECT_EQ(Whole(R"({"event_type":"wh\u0065n","n":1})"), R"({"4":"1"})");
}

TEST(RecordReader, TakesHeadersAsText) {
  RecordReader reader(RulesOf(Declared("Host = \"h\"\nkind = 2.0\n", "headers = \"all\"\n")));
  const auto read = [&](const std::string& members) {
    return Read(reader, R"({"event_type":"when",)" + members + "}");
  };
  // A request's header can replace the constant Host, but no other constant.
  EXPECT_EQ(read(R"("Host":"x","kind":2,"Accept":null)"), R"({"0":"x"})");
  EXPECT_EQ(read(R"("Host":"x","kind":3)"), "other");
  EXPECT_EQ(read(R"("Host":"x")"), "other");
  EXPECT_EQ(read(R"("Host":5,"kind":2)"), "invalid_field: field 'Host': want text");
}

TEST(RecordReader, KnowsAPlainTextEventByItsValue) {
  auto event = Declared("");
  event.fields.clear();
  event.is_text = true;
  event.text = "hello";
  RecordReader reader(RulesOf(event));
  EXPECT_EQ(Read(reader, "hello"), "{}");
  EXPECT_EQ(Read(reader, "hello "), "other");
}

TEST(RecordReader, AppliesEachVersionToItsOwnRecords) {
  const auto first = Declared("a = {}\n");
  const auto second = Declared("a = {}\nm = { type = \"int\" }\n");
  const TableRules rules{.entries = {{first, {{0, 10}}}, {second, {{0, 20}, {1, 5}}}},
                         .until = Offsets{{0, 30}}};
  RecordReader reader(Sent(rules));
  const std::string good = R"({"event_type":"when","m":7})";
  const std::string bad = R"({"event_type":"when","m":"x"})";
  EXPECT_EQ(Read(reader, good, {0, 9}), "other");
  EXPECT_EQ(Read(reader, bad, {0, 9}), "other");
  EXPECT_EQ(Read(reader, good, {0, 10}), "{}");
  EXPECT_EQ(Read(reader, bad, {0, 19}), "{}") << "the field came later";
  EXPECT_EQ(Read(reader, good, {0, 20}), R"({"1":"7"})");
  EXPECT_EQ(Read(reader, bad, {0, 20}), "invalid_field: field 'm': want a whole number");
  EXPECT_EQ(Read(reader, good, {0, 30}), "other");
  EXPECT_EQ(Read(reader, good, {1, 0}), "other") << "the next version's from its beginning";
}

TEST(TableRules, RefuseTextsThatHoldNoRules) {
  for (const auto* text : {"", "{}", "[]", R"({"entries":[]})", R"({"entries":[{}]})"}) {
    const auto read = DecodeRules(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
  }
}

// Makes random declarations and values. A value that a request may send is a row with that value;
// one that it may not send is a dead letter when it comes as a record.
class Sampler {
 public:
  explicit Sampler(std::uint64_t seed) : random_(seed) {}

  std::string Fields() {
    static const std::vector<std::string> rules = {
        "",
        "min = 2, max = 3",
        "pattern = \"[a-z]*\"",
        "one_of = [\"a\", \"it's\"]",
        "type = \"int\"",
        "type = \"int\", min = -5, max = 5",
        "type = \"long\"",
        "type = \"long\", max = 9007199254740992",
        "type = \"long\", one_of = [1, 9007199254740993]",
        "type = \"double\"",
        "type = \"double\", min = -1.5, max = 9007199254740993",
        "type = \"double\", one_of = [0.1, 1e23]",
        "type = \"boolean\"",
        "type = \"boolean\", one_of = [true]",
        "type = \"timestamp\"",
        "type = \"timestamp\", one_of = [\"2026-11-28T12:00:00Z\"]"};
    std::string out;
    for (std::size_t i = 0, count = 1 + random_() % 5; i < count; ++i) {
      auto rule = rules[random_() % rules.size()];
      if (random_() % 3 == 0) rule += rule.empty() ? "required = true" : ", required = true";
      out += fmt::format("f{} = {{ {} }}\n", i, rule);
    }
    return out;
  }

  std::string Value() {
    static const std::vector<std::string> values = {"null",
                                                    "true",
                                                    "false",
                                                    "0",
                                                    "-0",
                                                    "5",
                                                    "-5",
                                                    "6",
                                                    "1.0",
                                                    "1e3",
                                                    "-1.5",
                                                    "0.1",
                                                    "2147483647",
                                                    "2147483648",
                                                    "-2147483648",
                                                    "-2147483649",
                                                    "9007199254740992",
                                                    "9007199254740993",
                                                    "9223372036854775807",
                                                    "9223372036854775808",
                                                    "-9223372036854775808",
                                                    "-9223372036854775809",
                                                    "1e23",
                                                    "1e308",
                                                    "1e309",
                                                    "5e-324",
                                                    "1e-400",
                                                    "123456789012345678901234567890",
                                                    "5.299064834871378e+16",
                                                    R"("")",
                                                    R"("a")",
                                                    R"("it's")",
                                                    R"("ab\u0000")",
                                                    R"("\ud83d\ude00\ud83d\ude00")",
                                                    "\"\xC3\xA9\xC3\xA9\"",
                                                    R"("yes")",
                                                    R"("1d")",
                                                    R"("5")",
                                                    R"("NaN")",
                                                    R"("2026-11-28")",
                                                    R"("2026-11-28T12:00:00Z")",
                                                    R"("2026-11-28t13:00:00.0+01:00")",
                                                    R"("2026-11-28 12:00:00z")",
                                                    R"("2026-11-28T12:00:00+18:01")",
                                                    R"("2026-11-28T12:00:00-23:59")",
                                                    R"("9999-12-31T23:59:59-14:00")",
                                                    R"("0001-01-01T00:00:00+00:01")",
                                                    R"("0001-01-01T00:00:00Z")",
                                                    R"("9999-12-31T23:59:59.9999999999Z")",
                                                    R"("2016-12-31T23:59:60Z")",
                                                    R"("2016-12-31T12:59:60Z")",
                                                    "[]",
                                                    "{}",
                                                    R"({"a":1})",
                                                    "[1]"};
    if (random_() % 8 != 0) return values[random_() % values.size()];
    return fmt::format("{}", std::bit_cast<double>(random_() & 0x7FDFFFFFFFFFFFFF));
  }

  bool Sends() { return random_() % 5 != 0; }

 private:
  std::mt19937_64 random_;
};

// The column's expected text, from the record as another JSON parser reads it.
std::string Expected(const Field& field, const nlohmann::json& record, const std::string& column) {
  if (!record.contains(field.name)) return "null";
  const auto& value = record[field.name];
  switch (field.type) {
    case FieldType::kString:
      return nlohmann::json(value).dump(-1, ' ', true);
    case FieldType::kTimestamp:
      return fmt::format("\"{}\"", ParseTimestamp(value.get<std::string>()).value());
    case FieldType::kDouble: {
      const double got = std::strtod(column.c_str() + 1, nullptr);
      EXPECT_EQ(got, value.get<double>()) << column;
      return column;
    }
    case FieldType::kInt:
    case FieldType::kLong:
    case FieldType::kBoolean:
      return "\"" + value.dump() + "\"";
  }
  return "";
}

void CheckAccepted(const Declaration& event, const Composed& made, RecordReader& reader) {
  const auto row = Read(reader, made.value);
  const auto columns = nlohmann::json::parse(row, nullptr, false);
  ASSERT_TRUE(columns.is_object()) << made.value << " gives " << row;
  const auto record = nlohmann::json::parse(made.value, nullptr, false);
  ASSERT_TRUE(record.is_object()) << made.value;
  for (std::size_t i = 0; i + 1 < event.fields.size(); ++i) {
    const auto found = columns.find(std::to_string(i));
    const auto column = found == columns.end() ? "null" : found->dump(-1, ' ', true);
    EXPECT_EQ(column, Expected(event.fields[i + 1], record, column)) << made.value;
  }
}

TEST(RecordReader, TakesExactlyTheValuesThatRequestsMaySend) {
  const char* given = std::getenv("ST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE(fmt::format("ST_SEED={}", seed));
  Sampler sampler(seed);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const auto event = Declared(sampler.Fields());
    const Composer composer(event);
    RecordReader reader(RulesOf(event));
    for (int j = 0; j < 20; ++j) {
      std::vector<std::string> members;
      for (std::size_t f = 1; f < event.fields.size(); ++f) {
        if (!sampler.Sends()) continue;
        members.push_back(fmt::format("\"{}\": {}", event.fields[f].name, sampler.Value()));
      }
      const std::string body = fmt::format("{{{}}}", fmt::join(members, ", "));
      const auto made = composer.Compose({.path = "/when", .headers = {}, .body = body});
      if (made) {
        ++accepted;
        CheckAccepted(event, *made, reader);
        continue;
      }
      ++refused;
      members.insert(members.begin(), R"("event_type": "when")");
      const auto record = fmt::format("{{{}}}", fmt::join(members, ", "));
      EXPECT_EQ(reader.Read({}, record), Verdict::kDead)
          << record << "\n"
          << made.error().code << " " << made.error().detail;
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace st::event
