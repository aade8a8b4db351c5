#include "event/payload.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "event/python_json.h"

namespace st::event {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHead = "name = \"a\"\nroute = \"GET /\"\nreply = \"\"\n";
const Headers kCurl = {
    {"Host", "localhost:5000"}, {"User-Agent", "curl/7.47.0"}, {"Accept", "*/*"}};

std::string PayloadOf(std::string_view rest, const Headers& headers = kCurl) {
  const auto event = ParseDeclaration(std::string(kHead) + std::string(rest), "a.toml");
  return event ? Payload(*event, headers) : event.error().message();
}

// The seed's applications log in these three forms.
TEST(Payload, WritesPlainText) { EXPECT_EQ(PayloadOf("payload = \"default\"\n"), "default"); }

TEST(Payload, WritesTheJsonForm) {
  EXPECT_EQ(PayloadOf("[fields]\nevent_type = \"default\"\n"), R"({"event_type": "default"})");
}

TEST(Payload, WritesTheFormWithHeaders) {
  EXPECT_EQ(PayloadOf("headers = \"all\"\n[fields]\nevent_type = \"default\"\n"),
            R"({"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", )"
            R"("User-Agent": "curl/7.47.0"})");
}

TEST(Payload, WritesHeadersAloneAndAnEmptyObjectForNone) {
  EXPECT_EQ(PayloadOf("headers = \"all\"\n", {}), "{}");
  EXPECT_EQ(PayloadOf("headers = \"all\"\n", {{"host", "a"}}), R"({"Host": "a"})");
}

TEST(Payload, KeepsDeclaredOrderAndEscapesAsPythonDoes) {
  EXPECT_EQ(PayloadOf("headers = \"all\"\n[fields]\nzeta = \"caf\xC3\xA9 \xF0\x9F\x97\xA1\"\n"
                      "alpha = \"q\\\"\\b\\f\\u0000\"\n",
                      {{"x-ONE-two", "\xE9"}, {"X-One-Two", "b"}, {"x_y", "dropped"}}),
            R"({"zeta": "caf\u00e9 \ud83d\udde1", "alpha": "q\"\b\f\u0000", )"
            R"("X-One-Two": "\u00e9,b"})");
}

TEST(Payload, WritesHostOnceWhereItIsDeclaredToo) {
  const std::string fields = "[fields]\nevent_type = \"x\"\nHost = \"declared\"\n";
  EXPECT_EQ(PayloadOf("headers = \"all\"\n" + fields, {{"Host", "sent"}}),
            R"({"Host": "sent", "event_type": "x"})");
  EXPECT_EQ(PayloadOf(fields, {{"Host", "sent"}}), R"({"event_type": "x", "Host": "declared"})");
}

// Converts Latin-1 text, as the JSON file holds it, to the bytes that were sent.
std::string Bytes(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    out +=
        static_cast<char>(c < 0x80 ? c : (c << 6 | (static_cast<unsigned char>(utf8[++i]) & 63)));
  }
  return out;
}

Headers HeadersOf(const std::string& request) {
  Headers headers;
  const auto lines = Split(request, '\n');
  for (const auto line : std::span(lines).subspan(1)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) break;
    auto value = line.substr(colon + 1);
    value.remove_suffix(1);  // removes \r
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    headers.emplace_back(line.substr(0, colon), value);
  }
  return headers;
}

TEST(Payload, AgreesWithARunningFlask) {
  // testdata/make_flask_payloads.py wrote the file. These two requests have heads that HeadersOf
  // cannot read line by line; net parses them, not Payload.
  const std::vector<std::string> elsewhere = {"folded", "absolute target"};
  const Json golden = Json::parse(std::ifstream("testdata/flask_payloads.json"));
  int compared = 0;
  for (const auto& item : golden.at("cases")) {
    const auto name = item.at("name").get<std::string>();
    if (std::ranges::find(elsewhere, name) != elsewhere.end()) continue;
    SCOPED_TRACE(name);
    Declaration event;
    event.with_headers = true;
    for (const auto& [key, value] : item.at("fields").items()) {
      auto& field = event.fields.emplace_back();
      field.name = key;
      AppendPythonJson(field.value.emplace(), value.get<std::string>(), TextEncoding::kUtf8);
    }
    const auto headers = HeadersOf(Bytes(item.at("request").get<std::string>()));
    EXPECT_EQ(Payload(event, headers), item.at("want").get<std::string>());
    ++compared;
  }
  EXPECT_GE(compared, 27);
}

}  // namespace
}  // namespace st::event
