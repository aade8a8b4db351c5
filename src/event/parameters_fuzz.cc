// Any path, query, form or JSON body that a client sends gives a record that is JSON, or a fault
// that says why.
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "event/compose.h"
#include "event/parameters.h"

namespace {

constexpr std::string_view kEvent = R"(
name = "a"
route = "GET, POST /a/{who}"
reply = ""
key = "who"
[fields]
event_type = "a"
who = { type = "string", max = 40 }
n = { type = "int", from = "query", min = 1, max = 9 }
at = { type = "timestamp", from = "query" }
note = { type = "string", from = "body", pattern = "[a-z]*" }
price = { type = "double", from = "body", default = 1.5 }
ok = { type = "boolean", from = "body" }
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* composer =
      new st::event::Composer(st::event::ParseDeclaration(kEvent, "a.toml").value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const std::string_view target = text.substr(0, line);
  const std::string_view body = line == std::string_view::npos ? "" : text.substr(line + 1);
  const auto question = target.find('?');
  const std::string path = "/a/" + std::string(target.substr(0, question));
  const std::string_view query =
      question == std::string_view::npos ? "" : target.substr(question + 1);
  for (const auto* type : {"application/json", "application/x-www-form-urlencoded"}) {
    const st::event::Headers headers = {{"Host", "a"}, {"Content-Type", type}};
    const auto made = composer->Compose({.path = path,
                                         .query = query,
                                         .headers = headers,
                                         .body = body,
                                         .peer = "127.0.0.1:1",
                                         .unique_id = "1"});
    if (!made) {
      ST_CHECK(made.error().status >= 400 && !made.error().code.empty());
      ST_CHECK(!made.error().detail.empty());
      continue;
    }
    const auto json = nlohmann::json::parse(made->value);
    ST_CHECK(json.is_object() && json.at("event_type") == "a");
    ST_CHECK(json.at("price").is_number());
  }
  return 0;
}
