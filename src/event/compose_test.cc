#include "event/compose.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "event/parameters.h"

namespace st::event {
namespace {

constexpr std::string_view kJoin = R"(
name = "join_guild"
route = "POST, PUT /guilds/{guild}/join"
reply = "Joined!\n"
key = "guild"
[fields]
event_type = "join_guild"
guild = { type = "string", max = 20, pattern = "[a-z]+" }
level = { type = "int", min = 1, max = 60, required = true }
role = { one_of = ["member", "officer"], default = "member" }
referrer = { from = "query" }
client = { from = "header", name = "X-Client" }
at = { type = "timestamp", from = "server", name = "time" }
)";

class ComposeTest : public ::testing::Test {
 protected:
  std::expected<Composed, Fault> Post(const std::string& body, const std::string& query = "",
                                      const std::string& type = "application/json") {
    const Headers headers = {{"Host", "h"}, {"Content-Type", type}, {"x-client", "phone"}};
    return composer_.Compose({.path = path_,
                              .query = query,
                              .headers = headers,
                              .body = body,
                              .peer = "127.0.0.1:9",
                              .time_ms = 1'000});
  }
  std::string FaultOfPost(const std::string& body, const std::string& query = "",
                          const std::string& type = "application/json") {
    const auto made = Post(body, query, type);
    if (made) return "none";
    return made.error().code + " " + made.error().parameter + ": " + made.error().detail;
  }

  static Declaration Declared() {
    auto event = ParseDeclaration(kJoin, "a.toml");
    if (!event) ADD_FAILURE() << event.error().message();
    return event.value_or(Declaration());
  }
  Composer composer_{Declared()};
  std::string path_ = "/guilds/owls/join";
};

TEST_F(ComposeTest, TakesEachFieldFromWhereItIsDeclared) {
  const auto made = Post(R"({"level": 7})", "referrer=a+b%21").value();
  EXPECT_EQ(made.value,
            R"({"event_type": "join_guild", "guild": "owls", "level": 7, "role": "member", )"
            R"("referrer": "a b!", "client": "phone", "at": "1970-01-01T00:00:01.000Z"})");
  EXPECT_EQ(made.key, "owls");
}

TEST_F(ComposeTest, TakesAFormToo) {
  const auto made = Post("level=60&role=officer", "", "application/x-www-form-urlencoded").value();
  EXPECT_NE(made.value.find(R"("level": 60, "role": "officer")"), std::string::npos) << made.value;
}

TEST_F(ComposeTest, NamesTheParameterAndWhatIsAllowed) {
  EXPECT_EQ(FaultOfPost("{}"),
            "missing_parameter level: \"level\" is missing in the body: want a whole number from 1 "
            "to 60.");
  EXPECT_EQ(FaultOfPost(R"({"level": 61})"),
            "invalid_parameter level: \"level\": want a whole number from 1 to 60.");
  EXPECT_EQ(FaultOfPost(R"({"level": "7"})"),
            "invalid_parameter level: \"level\": want a whole number from 1 to 60.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "role": "king"})"),
            "invalid_parameter role: \"role\": want one of \"member\", \"officer\".");
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "rule": "member"})"),
            "unknown_parameter rule: The body takes level, role; did you mean \"role\"?");
  EXPECT_EQ(FaultOfPost(R"({"level": 1})", "refferer=x"),
            "unknown_parameter refferer: The query takes referrer; did you mean \"referrer\"?");
  path_ = "/guilds/OWLS/join";
  EXPECT_EQ(FaultOfPost(R"({"level": 1})"),
            "invalid_parameter guild: \"guild\": want text of at most 20 characters of the form "
            "[a-z]+.");
}

TEST_F(ComposeTest, RefusesBodiesThatDoNotParse) {
  EXPECT_EQ(FaultOfPost("{"),
            "malformed_body : The body: it is no JSON: byte 1: a key in quotes is expected.");
  EXPECT_EQ(FaultOfPost("[1]"), "malformed_body : The body: it is no JSON object.");
  EXPECT_EQ(FaultOfPost("{\"a\": \"\xFF\"}"),
            "malformed_body : The body: it is no JSON: it is not UTF-8.");
  EXPECT_EQ(FaultOfPost(std::string(100'000, '[')),
            "malformed_body : The body: it is no JSON: byte 32: nested deeper than 32 levels.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "level": 2})"),
            "malformed_body : The body: \"level\" stands in one object more than once.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1,})"),
            "malformed_body : The body: it is no JSON: byte 12: a key in quotes is expected.");
  EXPECT_EQ(
      FaultOfPost(R"({"level": NaN})"),
      "malformed_body : The body: it is no JSON: byte 10: this is the beginning of no JSON value.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1e400})"),
            "invalid_parameter level: \"level\": want a whole number from 1 to 60: 1e400 "
            "has a point or an exponent.");
  EXPECT_EQ(FaultOfPost("level=%zz", "", "application/x-www-form-urlencoded"),
            "malformed_body : The body: it is no well-formed form.");
  EXPECT_EQ(FaultOfPost("<a/>", "", "text/xml"),
            "unsupported_media_type : A body is application/json or "
            "application/x-www-form-urlencoded.");
  EXPECT_TRUE(FaultOfPost(R"({"level": 1})", "", "application/x-www-form-urlencoded")
                  .starts_with("malformed_body : The body: it looks like JSON"));
}

TEST_F(ComposeTest, RefusesAParameterInAnotherPlaceAndSaysWhereItBelongs) {
  EXPECT_EQ(FaultOfPost("{}", "level=1"),
            "unknown_parameter level: \"level\" belongs in the body; the query takes referrer.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "referrer": "a"})"),
            "unknown_parameter referrer: \"referrer\" belongs in the query; the body takes level, "
            "role.");
  EXPECT_EQ(FaultOfPost("level=1&guild=owls", "", "application/x-www-form-urlencoded"),
            "unknown_parameter guild: \"guild\" belongs in the path; the body takes level, role.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "client": "x"})"),
            "unknown_parameter client: \"client\" is \"X-Client\" in a header; the body takes "
            "level, role.");
}

TEST_F(ComposeTest, RefusesParametersThatTheRouteOrTheServerSets) {
  EXPECT_EQ(FaultOfPost(R"({"level": 1, "event_type": "x"})"),
            "unknown_parameter event_type: \"event_type\" is fixed by the route and cannot be "
            "given; the body takes level, role.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1})", "event_type=join_guild"),
            "unknown_parameter event_type: \"event_type\" is fixed by the route and cannot be "
            "given; the query takes referrer.");
  EXPECT_EQ(FaultOfPost(R"({"level": 1})", "at=2026-11-27T10:00:00Z"),
            "unknown_parameter at: \"at\" is set by the server and cannot be given; the query "
            "takes referrer.");
}

TEST(Composer, RefusesAllParametersWhereNoneIsDeclared) {
  const Composer composer(ParseDeclaration("name = \"a\"\nroute = \"POST /\"\nreply = \"\"\n"
                                           "[fields]\nevent_type = \"a\"\n",
                                           "a.toml")
                              .value());
  const auto fault = [&](std::string_view query, std::string_view body, const char* type) {
    const Headers headers = {{"Content-Type", type}};
    const auto made = composer.Compose(
        {.path = "/", .query = query, .headers = headers, .body = body, .peer = ""});
    return made ? made->value : made.error().code + " " + made.error().parameter;
  };
  EXPECT_EQ(fault("", "", "text/xml"), R"({"event_type": "a"})");
  EXPECT_EQ(fault("", " {} \n", "application/json"), R"({"event_type": "a"})");
  EXPECT_EQ(fault("x=1", "", ""), "unknown_parameter x");
  EXPECT_EQ(fault("x", "", ""), "unknown_parameter x");
  EXPECT_EQ(fault("", "{\"y\": 1}", "application/json"), "unknown_parameter y");
  EXPECT_EQ(fault("", "z=1", "application/x-www-form-urlencoded"), "unknown_parameter z");
  EXPECT_EQ(fault("", "<a/>", "text/xml"), "malformed_body ");
  EXPECT_EQ(fault("", "[1]", "application/json"), "malformed_body ");
}

TEST(Composer, LogsNoSecretHeader) {
  const auto compose = [](const char* fields, const Headers& headers) {
    const Composer composer(
        ParseDeclaration("name = \"a\"\nroute = \"GET /\"\nreply = \"\"\nheaders = \"all\"\n"
                         "[fields]\nevent_type = \"a\"\n" +
                             std::string(fields),
                         "a.toml")
            .value());
    return composer.Compose({.path = "/", .query = "", .headers = headers, .body = "", .peer = ""})
        .value()
        .value;
  };
  const Headers headers = {{"Host", "h"},          {"cookie", "c"},
                           {"AUTHORIZATION", "a"}, {"X-Csrf-Token", "t"},
                           {"Accept", "x"},        {"Proxy-Authorization", "p"},
                           {"Set-Cookie", "s"},    {"X-Api-Key", "k"},
                           {"User-Agent", "u"},    {"My-Client-Secret", "s"}};
  EXPECT_EQ(compose("", headers),
            R"({"Host": "h", "event_type": "a", "Accept": "x", "User-Agent": "u"})");
  EXPECT_EQ(compose("who = { from = \"header\", name = \"Cookie\" }\n", headers),
            R"({"Host": "h", "event_type": "a", "who": "c", "Accept": "x", "User-Agent": "u"})");
}

TEST(PathTemplate, ClashesOnlyWithATemplateOfTheSameForm) {
  const auto parse = [](const char* path) { return PathTemplate::Parse(path).value(); };
  EXPECT_TRUE(parse("/a/{x}").Clashes(parse("/a/{y}")));
  EXPECT_FALSE(parse("/a/{x}").Clashes(parse("/a/b")));
  EXPECT_FALSE(parse("/a/{x}").Clashes(parse("/b/{x}")));
  EXPECT_EQ(parse("/a/{x}/{y}").Match("/a/1/2"), (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(parse("/a/{x}").Match("/a/"));
  EXPECT_FALSE(parse("/a/{x}").Match("/a/b/c"));
  EXPECT_FALSE(parse("/a/{x}").Match("a"));
  EXPECT_TRUE(parse("/").Match("/"));
}

TEST(ParseForm, DecodesAsBrowsersEncode) {
  EXPECT_EQ(ParseForm("a=1&b=x+y%21&&c"), (Parameters{{"a", "1"}, {"b", "x y!"}, {"c", ""}}));
  EXPECT_FALSE(ParseForm("a=%4"));
  EXPECT_FALSE(ParseForm("a=%FF"));
}

// The largest body, of a character that JSON writes in six.
TEST(Compose, AnEventHasALimitAsItIsLogged) {
  const auto taken_by = [](const std::string& fields) {
    const auto event = ParseDeclaration(
        "name = \"a\"\nroute = \"POST /\"\nreply = \"\"\nkey = \"f\"\n[fields]\ne = \"a\"\n" +
            fields,
        "a.toml");
    const Headers headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    const std::string body = "x=" + std::string((1 << 20) - 2, '\x01');
    return Composer(event.value())
        .Compose({.path = "/", .query = "", .headers = headers, .body = body});
  };
  const auto once = taken_by("f = { name = \"x\" }\n");
  ASSERT_TRUE(once) << once.error().detail;
  EXPECT_GT(once->value.size(), 6 * ((1U << 20) - 2));
  std::string fields;
  for (int i = 0; i < 150; ++i) fields += fmt::format("f{} = {{ name = \"x\" }}\n", i);
  for (const auto& many : {"f = { name = \"x\" }\ng = { name = \"x\" }\n" + std::string(),
                           "f = { name = \"x\" }\n" + fields}) {
    const auto refused = taken_by(many);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 413);
    EXPECT_EQ(refused.error().code, "event_too_large");
  }
}

}  // namespace
}  // namespace st::event
