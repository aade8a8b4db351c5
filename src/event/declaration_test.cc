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
  EXPECT_EQ(event.methods, std::vector<std::string>{"GET"});
  EXPECT_EQ(event.path, "/");
  EXPECT_EQ(event.route_place, "events/a.toml:2:9");
  EXPECT_EQ(event.reply, "This is the default response!\n");
  EXPECT_EQ(event.topic, "events");
  EXPECT_TRUE(event.with_headers);
  EXPECT_FALSE(event.is_text);
  ASSERT_EQ(event.fields.size(), 1U);
  EXPECT_EQ(event.fields[0].name, "event_type");
  EXPECT_EQ(event.fields[0].value, "\"default\"");
  EXPECT_EQ(event.event_type(), "default");
  EXPECT_EQ(event.table, "default");
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
            "[fields], the keys are name, route, reply, topic, payload, headers, fields, version, "
            "description, reason, key, table, weight, rate, partition_by, sort_by");
}

TEST(Declaration, AMissingKeyIsNamed) {
  EXPECT_EQ(Mistake(""), "a.toml:1:1: name: is missing: write name = \"…\"");
  EXPECT_EQ(Mistake("name = \"a\"\n"),
            "a.toml:1:1: fields: the event says nothing: declare [fields], headers or payload");
  EXPECT_EQ(
      Mistake("name = \"a\"\nreply = \"\"\n"),
      "a.toml:1:1: route: is missing: the event has a reply, so it needs a route, as in route = "
      "\"GET /path\"");
  EXPECT_EQ(
      Mistake("name = \"a\"\nroute = \"GET /\"\n"),
      "a.toml:1:1: reply: is missing: a route needs what it answers, as in reply = \"Done!\\n\"");
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
  const auto form = [](const std::string& got) {
    return "want \"GET /path\" (or POST, PUT, DELETE), not \"" + got + "\"";
  };
  EXPECT_EQ(route("FETCH /"), place + form("FETCH /"));
  EXPECT_EQ(route("get /"), place + form("get /") + "; did you mean \"GET\"?");
  EXPECT_EQ(route("PSOT /"), place + form("PSOT /") + "; did you mean \"POST\"?");
  EXPECT_EQ(route("HEAD /"),
            place + "HEAD and OPTIONS are answered by themselves; " + form("HEAD /"));
  EXPECT_EQ(route("/sword"), place + form("/sword"));
  EXPECT_EQ(route("GET"), place + "the path begins with \"/\"");
  EXPECT_EQ(route("GET sword"), place + "the path begins with \"/\"");
  EXPECT_EQ(route("GET /a b"), place + "a space or control character in the path");
  EXPECT_EQ(route("GET /a\\t"), place + "a space or control character in the path");
  EXPECT_EQ(route("GET /a%20b"), place + "the path is written decoded, without \"%\"");
  EXPECT_EQ(route("GET /a?b=1"),
            place +
                "the path goes without query and fragment; a query parameter is a "
                "field with from = \"query\"");
  EXPECT_EQ(route("GET /<guild>"), place + "a variable stands in braces: \"/guilds/{guild}/join\"");
  EXPECT_EQ(route("GET /{a}x"),
            place + "\"{a}x\": a variable is a whole segment of letters, digits and _ in braces");
  EXPECT_EQ(route("GET, GET /"), place + "GET stands in it twice");
  EXPECT_EQ(route("GET /.well-known/x"),
            place + "/.well-known/ and /openapi.json are the server's own");
}

TEST(Declaration, BadValuesSayWhatIsWanted) {
  const auto rest = [](const std::string& text) {
    return Mistake("name = \"a\"\nroute = \"GET /\"\nreply = \"\"\n" + text);
  };
  EXPECT_EQ(Mistake("name = 5\n"), "a.toml:1:8: name: want text in quotes");
  EXPECT_EQ(Mistake("name = \"\"\n"), "a.toml:1:8: name: want a name");
  EXPECT_EQ(rest("headers = \"al\"\n"),
            "a.toml:4:11: headers: want \"all\" or \"none\", not \"al\"; did you mean \"all\"?");
  EXPECT_EQ(rest("headers = true\n"), "a.toml:4:11: headers: want text in quotes");
  EXPECT_EQ(rest("topic = \"my events\"\npayload = \"x\"\n"),
            "a.toml:4:9: topic: \"my events\": want 1 to 249 of the characters a-z A-Z 0-9 . _ -");
  EXPECT_EQ(rest("fields = \"x\"\n"), "a.toml:4:10: fields: want a table: [fields]");
  EXPECT_EQ(rest("[fields]\nprice = []\n"),
            "a.toml:5:9: field \"price\": want a constant (text, a number, true or false) or a "
            "table with type and from");
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
  second.table = "other";
  EXPECT_EQ(CheckTogether({first, second}).error().message(),
            "two.toml:2:9: route \"GET /\" is declared at one.toml:2:9 too");
  second.methods = {"POST"};
  second.table = "Default";
  EXPECT_EQ(CheckTogether({first, second}).error().message(),
            "two.toml:1:8: table \"default\" is declared at one.toml:1:8 too");
  second.table = "other";
  second.topic = "other";
  EXPECT_TRUE(CheckTogether({first, second}));
}

std::string FieldMistake(const std::string& field) {
  return Mistake("name = \"a\"\nroute = \"POST /a/{b}\"\nreply = \"\"\n[fields]\nb = {}\n" + field);
}

TEST(Field, IsDeclaredWithTypeAndSource) {
  const auto event = ParseDeclaration(
                         "name = \"a\"\nversion = 2\nroute = \"GET, POST /a/{b}\"\nreply = \"\"\n"
                         "key = \"b\"\n[fields]\nevent_type = \"a\"\n[fields.b]\n"
                         "type = \"int\"\nmin = 1\nmax = 9\n[fields.c]\none_of = [\"x\", \"y\"]\n"
                         "default = \"x\"\npersonal = \"contact\"\nfrom = \"query\"\n",
                         "a.toml")
                         .value();
  EXPECT_EQ(event.table, "a_v2");
  EXPECT_EQ(event.methods, (std::vector<std::string>{"GET", "POST"}));
  ASSERT_EQ(event.fields.size(), 3U);
  EXPECT_EQ(event.fields[1].from, FieldSource::kPath);
  EXPECT_TRUE(event.fields[1].is_required);
  EXPECT_EQ(event.fields[1].max, Bound(std::int64_t{9}));
  EXPECT_EQ(event.fields[2].from, FieldSource::kQuery);
  EXPECT_EQ(event.fields[2].value, "\"x\"");
  EXPECT_EQ(event.fields[2].personal, "contact");
}

TEST(Field, AMistakeIsPlaced) {
  EXPECT_EQ(FieldMistake(""), "no mistake");
  EXPECT_EQ(FieldMistake("c = { tpye = \"int\" }\n"),
            "a.toml:6:7: field \"c\": unknown key \"tpye\"; did you mean \"type\"?");
  EXPECT_EQ(FieldMistake("c = { type = \"integer\" }\n"),
            "a.toml:6:14: field \"c\": type: want one of string, int, long, double, boolean, "
            "timestamp, not \"integer\"");
  EXPECT_EQ(FieldMistake("c = { from = \"qeury\" }\n"),
            "a.toml:6:14: field \"c\": from: want one of path, query, body, header, server, "
            "producer, not \"qeury\"; did you mean \"query\"?");
  EXPECT_EQ(FieldMistake("c = { from = \"path\" }\n"),
            "a.toml:6:14: field \"c\": from: the route has no variable {c}; did you mean \"b\"?");
  EXPECT_EQ(FieldMistake("c = { from = \"producer\" }\n"),
            "a.toml:6:14: field \"c\": from: \"producer\" is for events without a route");
  EXPECT_EQ(FieldMistake("c = { type = \"int\", default = \"x\" }\n"),
            "a.toml:6:31: field \"c\": default: want a whole number");
  EXPECT_EQ(FieldMistake("c = { type = \"int\", max = 3, one_of = [4] }\n"),
            "a.toml:6:39: field \"c\": one_of: want a whole number of at most 3");
  EXPECT_EQ(FieldMistake("c = { min = 5, max = 3 }\n"),
            "a.toml:6:22: field \"c\": max: 3 is below min = 5");
  EXPECT_EQ(FieldMistake("c = { pattern = \"[\" }\n"),
            "a.toml:6:17: field \"c\": pattern: missing ]: [");
  EXPECT_EQ(FieldMistake("c = { personal = \"x\" }\n"),
            "a.toml:6:18: field \"c\": personal: want one of identity, contact, location, device, "
            "financial, not \"x\"");
  EXPECT_EQ(FieldMistake("c = { from = \"server\", name = \"clock\" }\n"),
            "a.toml:6:31: field \"c\": name: want one of time, id, peer, not \"clock\"");
}

TEST(Declaration, TheLayoutOfItsTableIsAListOfTexts) {
  const std::string head = "name = \"a\"\n";
  const std::string fields = "[fields]\nevent_type = \"a\"\n";
  const auto event = ParseDeclaration(
      head + "partition_by = [\"days(event_time)\", \"host\"]\nsort_by = [\"offset DESC\"]\n" +
          fields,
      "a.toml");
  ASSERT_TRUE(event) << event.error().message();
  EXPECT_EQ(event->partition_by, (std::vector<std::string>{"days(event_time)", "host"}));
  EXPECT_EQ(event->sort_by, std::vector<std::string>{"offset DESC"});
  EXPECT_EQ(event->partition_place, "a.toml:2:16");
  EXPECT_EQ(Mistake(head + "partition_by = \"host\"\n" + fields),
            "a.toml:2:16: partition_by: want a list of texts, as in partition_by = "
            "[\"day(event_time)\"]");
  EXPECT_EQ(Mistake(head + "sort_by = [1]\n" + fields),
            "a.toml:2:11: sort_by: want a list of texts, as in sort_by = [\"host\"]");
  EXPECT_EQ(Mistake(head + "sort_by = [\"host\"]\ntable = false\n" + fields),
            "a.toml:2:11: sort_by: the event has no table");
}

TEST(Declaration, KeyTableAndVariablesAreChecked) {
  const auto with = [](const std::string& head, const std::string& fields) {
    return Mistake("name = \"a\"\nroute = \"GET /a/{b}\"\nreply = \"\"\n" + head + "[fields]\n" +
                   fields);
  };
  EXPECT_EQ(with("", "c = 1\n"), "a.toml:2:9: route: no field takes {b}: declare [fields.b]");
  EXPECT_EQ(with("key = \"bb\"\n", "b = {}\n"),
            "a.toml:4:7: key: no field \"bb\"; did you mean \"b\"?");
  EXPECT_EQ(with("key = \"Host\"\n", "b = {}\n"),
            "a.toml:4:7: key: \"Host\" is the header, and headers are not logged; add headers = "
            "\"all\"");
  EXPECT_EQ(with("table = \"1a\"\n", "b = {}\n"),
            "a.toml:4:9: table: \"1a\": want 1 to 128 letters, digits and _, the first no digit");
  EXPECT_EQ(with("table = \"t\"\n", "b = {}\n"),
            "a.toml:4:9: table: needs a constant field event_type, by which its records are found");
  EXPECT_EQ(with("version = 0\n", "b = {}\n"),
            "a.toml:4:11: version: want a whole number from 1 to 1000000, not 0");
  EXPECT_EQ(Mistake("name = \"a\"\nn\xCC\x91 = 1\n"),
            "a.toml:2:2: a character outside ASCII stands in quotes or in a comment only");
  EXPECT_NE(Mistake("name = \"a\" # \xC3\xA9\n"),
            "a.toml:1:14: a character outside ASCII stands in quotes or in a comment only");
}

}  // namespace
}  // namespace st::event
