#include "client/load/sample.h"

#include <gtest/gtest.h>

#include <set>

#include "client/load/event_script.h"
#include "client/load/sample_pattern.h"
#include "event/compose.h"
#include "event/parameters.h"
#include "event/value.h"

namespace st::client::load {
namespace {

constexpr std::string_view kGuild = R"(
name = "join_guild"
route = "POST /guilds/{guild}/join"
reply = "ok"
[fields]
event_type = "join_guild"
guild = { max = 12, pattern = "[a-z]+-[0-9]{2,4}" }
level = { type = "int", min = 1, max = 60, required = true }
ratio = { type = "double", min = 0.5, max = 0.75 }
role = { one_of = ["member", "officer"], required = true }
since = { type = "timestamp" }
is_new = { type = "boolean" }
referrer = { from = "query", min = 3, max = 5 }
)";

TEST(Sample, IsARequestThatItsDeclarationTakes) {
  const auto declaration = event::ParseDeclaration(kGuild, "g.toml").value();
  const event::Composer composer(declaration);
  const auto random = os::MakeSeededRandom(7);
  std::set<std::string> values;
  for (int i = 0; i < 500; ++i) {
    const auto request = Sample(declaration, *random);
    const auto mark = request.target.find('?');
    const auto path = request.target.substr(0, mark);
    const std::string query = mark == std::string::npos ? "" : request.target.substr(mark + 1);
    const event::Headers headers(request.headers.begin(), request.headers.end());
    const auto made =
        composer.Compose({.path = path, .query = query, .headers = headers, .body = request.body});
    ASSERT_TRUE(made) << made.error().detail << " " << request.target << " " << request.body;
    values.insert(made->value);
  }
  EXPECT_GT(values.size(), 450U);
}

TEST(Sample, FollowsAPattern) {
  const auto random = os::MakeSeededRandom(7);
  for (int i = 0; i < 100; ++i) {
    const auto text = SamplePattern("^(?:ab|c\\d)[x-z]{3}$", *random);
    EXPECT_TRUE(text.size() == 5 && (text.starts_with("ab") || text.starts_with('c'))) << text;
  }
  for (const auto* odd :
       {"",   "(",  "[",   "\\",  "a{",   "a{2", "*",   ")x",    "[^a-z0-9]", "[]",
        "a|", "(?", "(?x", "\\p", "\\p{", "[[:", "[\\", "[\\p{", "[a-",       "\xC3\x9F"}) {
    EXPECT_LT(SamplePattern(odd, *random).size(), 40U);  // no crash, no endless loop
  }
}

TEST(Sample, MatchesWhateverThePatternIsWrittenWith) {
  const auto random = os::MakeSeededRandom(7);
  for (const std::string pattern :
       {"[a-z\xC3\x9F]+", "\xC3\xA4\xC3\xB6+", "[\xC3\xA4-\xC3\xBC]{3}", "\\p{L}+", "\\pL\\pN",
        "[\\p{Lu}\\d]+", "[[:alpha:]]+[[:digit:]]", "(?i)abc", "(?i:abc)d", "(?P<name>x|y)z",
        "\\Aab\\z", "a\\.b\\S\\D\\W", ".{1,3}\\b"}) {
    const event::Field field{.name = "f", .pattern = pattern};
    for (int i = 0; i < 50; ++i) {
      const auto text = SamplePattern(pattern, *random);
      ASSERT_TRUE(event::FieldReader(field).ReadText(text)) << pattern << " does not take " << text;
    }
  }
}

TEST(EventScript, SendsByWeightUnderThePlayersName) {
  auto often =
      event::ParseDeclaration(
          "name = \"a\"\nroute = \"GET /a\"\nreply = \"ok\"\npayload = \"a\"\nweight = 3\n",
          "a.toml")
          .value();
  auto rare = event::ParseDeclaration(
                  "name = \"b\"\nroute = \"GET /b\"\nreply = \"ok\"\npayload = \"b\"\n", "b.toml")
                  .value();
  const auto script = MakeEventScript({often, rare}, Share::kWeight).value();
  const auto random = os::MakeSeededRandom(7);
  int count = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto action = script->Next({.player = 6}, *random);
    count += action.kind == 0;
    EXPECT_EQ(net::FindHeader(action.request.headers, "Host"), "user7.comcast.com");
  }
  EXPECT_NEAR(count, 750, 60);
  EXPECT_FALSE(MakeEventScript({}, Share::kWeight));
}

TEST(EventScript, SendsAtDeclaredRates) {
  const auto declared = [](const std::string& name, const std::string& more) {
    return event::ParseDeclaration("name = \"" + name + "\"\nroute = \"GET /" + name +
                                       "\"\nreply = \"ok\"\npayload = \"a\"\n" + more,
                                   name + ".toml")
        .value();
  };
  const std::vector<event::Declaration> events = {declared("a", "rate = 7.5\n"),
                                                  declared("b", "rate = 2.5\nweight = 1000\n"),
                                                  declared("c", "weight = 1000\n")};
  EXPECT_EQ(DeclaredRate(events), 10);
  const auto script = MakeEventScript(events, Share::kRate).value();
  ASSERT_EQ(script->kinds().size(), 2U);
  const auto random = os::MakeSeededRandom(7);
  int count = 0;
  for (int i = 0; i < 1000; ++i) count += script->Next({}, *random).kind == 0;
  EXPECT_NEAR(count, 750, 60);
  EXPECT_FALSE(MakeEventScript({events[2]}, Share::kRate));
}

}  // namespace
}  // namespace st::client::load
