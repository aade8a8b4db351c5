#include "event/declaration.h"

#include <gtest/gtest.h>

namespace st::event {
namespace {

constexpr std::string_view kDefault =
    "name = \"default\"\nroute = \"GET /\"\nreply = \"This is the default response!\\n\"\n"
    "headers = \"all\"\n[fields]\nevent_type = \"default\"\n";
const Headers kCurl = {
    {"Host", "localhost:5000"}, {"User-Agent", "curl/7.47.0"}, {"Accept", "*/*"}};

TEST(Payload, HasTheSeedsBytes) {
  const auto event = ParseDeclaration(kDefault, "default.toml").value();
  EXPECT_EQ(event.reply, "This is the default response!\n");
  EXPECT_EQ(Payload(event, kCurl),
            R"({"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", )"
            R"("User-Agent": "curl/7.47.0"})");
}

TEST(Payload, TheOtherTwoFormsOfTheSeed) {
  const auto json = ParseDeclaration(
      "name = \"a\"\nroute = \"GET /\"\nreply = \"\"\n[fields]\nevent_type = \"default\"\n", "a");
  EXPECT_EQ(Payload(json.value(), kCurl), R"({"event_type": "default"})");
  const auto text = ParseDeclaration(
      "name = \"a\"\nroute = \"GET /\"\nreply = \"\"\npayload = \"default\"\n", "a");
  EXPECT_EQ(Payload(text.value(), kCurl), "default");
}

TEST(Payload, KeepsDeclaredOrderAndEscapesAsPythonDoes) {
  const auto event = ParseDeclaration(
      "name = \"a\"\nroute = \"GET /\"\nreply = \"\"\nheaders = \"all\"\n"
      "[fields]\nzeta = \"caf\xC3\xA9 \xF0\x9F\x97\xA1\"\nalpha = \"q\\\"\"\n",
      "a");
  EXPECT_EQ(Payload(event.value(), {{"x-ONE-two", "\xE9"}, {"X-One-Two", "b"}, {"x_y", "dropped"}}),
            R"({"zeta": "caf\u00e9 \ud83d\udde1", "alpha": "q\"", "X-One-Two": "\u00e9,b"})");
}

TEST(Declaration, MistakesNamePlaceAndNearestKey) {
  const auto misspelt = ParseDeclaration("name = \"a\"\nruote = \"GET /\"\n", "events/a.toml");
  EXPECT_EQ(misspelt.error().message(),
            "events/a.toml:2:1: unknown key \"ruote\"; did you mean \"route\"?");
  const auto route =
      ParseDeclaration("name = \"a\"\nroute = \"FETCH /\"\nreply = \"\"\n", "events/a.toml");
  EXPECT_EQ(route.error().message(),
            "events/a.toml:2:9: route: want \"GET /path\" (or POST, PUT, DELETE)");
  EXPECT_TRUE(ParseDeclaration("name = ", "x.toml").error().message().starts_with("x.toml:1:"));
}

TEST(Declaration, OneRouteHasOneEvent) {
  auto first = ParseDeclaration(kDefault, "one.toml").value();
  auto second = ParseDeclaration(kDefault, "two.toml").value();
  second.name = "other";
  EXPECT_EQ(CheckTogether({first, second}).error().message(),
            "two.toml: route \"GET /\" is declared in one.toml too");
}

}  // namespace
}  // namespace st::event
