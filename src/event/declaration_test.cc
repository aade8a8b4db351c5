#include "event/declaration.h"

#include <gtest/gtest.h>

namespace st::event {
namespace {

constexpr std::string_view kDefault =
    "name = \"default\"\nroute = \"GET /\"\nreply = \"This is the default response!\\n\"\n"
    "headers = \"all\"\n[fields]\nevent_type = \"default\"\n";

std::string Mistake(std::string_view toml) {
  const auto event = ParseDeclaration(toml, "a.toml");
  return event ? "no mistake" : event.error().message();
}

TEST(Declaration, HoldsWhatTheFileSays) {
  const auto event = ParseDeclaration(kDefault, "events/a.toml").value();
  EXPECT_EQ(event.name, "default");
  EXPECT_EQ(event.name_place, "events/a.toml:1:8");
  EXPECT_EQ(event.method, "GET");
  EXPECT_EQ(event.path, "/");
  EXPECT_EQ(event.route_place, "events/a.toml:2:9");
  EXPECT_EQ(event.reply, "This is the default response!\n");
  EXPECT_EQ(event.topic, "events");
  EXPECT_TRUE(event.with_headers);
  EXPECT_FALSE(event.is_text);
  EXPECT_EQ(event.fields,
            (std::vector<std::pair<std::string, std::string>>{{"event_type", "default"}}));
}

TEST(Declaration, BrokenTomlIsPlaced) {
  EXPECT_TRUE(Mistake("name = \"a\"\n[\n").starts_with("a.toml:2:2: "));
  EXPECT_TRUE(Mistake("name = ").starts_with("a.toml:1:8: "));
  EXPECT_TRUE(Mistake("name = \"a\"\nroute = \"\xFF\"\n").starts_with("a.toml:2:"));
}

TEST(Declaration, AnUnknownKeyIsNamedWithTheNearest) {
  EXPECT_EQ(Mistake("name = \"a\"\nruote = \"GET /\"\n"),
            "a.toml:2:1: unknown key \"ruote\"; did you mean \"route\"?");
  EXPECT_EQ(Mistake("name = \"a\"\nevent_type = \"x\"\n"),
            "a.toml:2:1: unknown key \"event_type\"; a constant field of the payload stands under "
            "[fields], the keys are name, route, reply, topic, payload, headers, fields");
}

TEST(Declaration, AMissingKeyIsNamed) {
  EXPECT_EQ(Mistake(""), "a.toml:1:1: name: is missing");
  EXPECT_EQ(Mistake("name = \"a\"\n"), "a.toml:1:1: route: is missing");
  EXPECT_EQ(Mistake("name = \"a\"\nroute = \"GET /\"\n"), "a.toml:1:1: reply: is missing");
  EXPECT_EQ(Mistake("name = \"a\"\nroute = \"GET /\"\n[fields]\nreply = \"x\"\n"),
            "a.toml:4:9: reply: stands under [fields], where it is a field of the payload; move "
            "it above that line");
  EXPECT_EQ(Mistake("name = \"a\"\nroute = \"GET /\"\nreply = \"\"\n"),
            "a.toml:1:1: fields: the event says nothing: declare [fields], headers or payload");
}

TEST(Declaration, ABadRouteSaysWhatIsWanted) {
  const auto route = [](const std::string& text) {
    return Mistake("name = \"a\"\nroute = \"" + text + "\"\nreply = \"\"\n");
  };
  const std::string place = "a.toml:2:9: route: ";
  const std::string form = "want \"GET /path\" (or POST, PUT, DELETE)";
  EXPECT_EQ(route("FETCH /"), place + form);
  EXPECT_EQ(route("get /"), place + form + "; did you mean \"GET\"?");
  EXPECT_EQ(route("PSOT /"), place + form + "; did you mean \"POST\"?");
  EXPECT_EQ(route("HEAD /"), place + "HEAD and OPTIONS are answered by themselves; " + form);
  EXPECT_EQ(route("/sword"), place + form);
  EXPECT_EQ(route("GET"), place + "the path begins with \"/\"");
  EXPECT_EQ(route("GET sword"), place + "the path begins with \"/\"");
  EXPECT_EQ(route("GET /a b"), place + "a space or control character in the path");
  EXPECT_EQ(route("GET /a\\t"), place + "a space or control character in the path");
  EXPECT_EQ(route("GET /a%20b"), place + "the path is written decoded, without \"%\"");
  EXPECT_EQ(route("GET /a?b=1"),
            place + "the path goes without query and fragment; any query is taken");
  EXPECT_EQ(route("GET /<guild>"), place + "a path with variables is not offered");
}

TEST(Declaration, BadValuesSayWhatIsWanted) {
  const auto rest = [](const std::string& text) {
    return Mistake("name = \"a\"\nroute = \"GET /\"\nreply = \"\"\n" + text);
  };
  EXPECT_EQ(Mistake("name = 5\n"), "a.toml:1:8: name: want text in quotes");
  EXPECT_EQ(Mistake("name = \"\"\n"), "a.toml:1:8: name: want a name");
  EXPECT_EQ(rest("headers = \"al\"\n"),
            "a.toml:4:11: headers: want \"all\" or \"none\"; did you mean \"all\"?");
  EXPECT_EQ(rest("headers = true\n"), "a.toml:4:11: headers: want text in quotes");
  EXPECT_EQ(rest("topic = \"my events\"\npayload = \"x\"\n"),
            "a.toml:4:9: topic: want 1 to 249 of the characters a-z A-Z 0-9 . _ -");
  EXPECT_EQ(rest("fields = \"x\"\n"), "a.toml:4:10: fields: want a table: [fields]");
  EXPECT_EQ(rest("[fields]\nprice = 5\n"), "a.toml:5:9: field \"price\": want text in quotes");
  EXPECT_EQ(rest("payload = \"\"\n"), "a.toml:4:11: payload: is empty");
  EXPECT_EQ(rest("headers = \"all\"\npayload = \"x\"\n"),
            "a.toml:5:11: payload: a plain-text payload takes neither fields nor headers");
}

TEST(Declarations, OneRouteHasOneEvent) {
  const auto first = ParseDeclaration(kDefault, "one.toml").value();
  auto second = ParseDeclaration(kDefault, "two.toml").value();
  EXPECT_EQ(CheckTogether({first, second}).error().message(),
            "two.toml:1:8: event \"default\" is declared at one.toml:1:8 too");
  second.name = "other";
  EXPECT_EQ(CheckTogether({first, second}).error().message(),
            "two.toml:2:9: route \"GET /\" is declared at one.toml:2:9 too");
  second.method = "POST";
  EXPECT_TRUE(CheckTogether({first, second}));
}

}  // namespace
}  // namespace st::event
