// Whatever the bytes are, a payload is JSON in ASCII that reads back to the same text.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "event/payload.h"
#include "event/python_json.h"

namespace {

using st::event::TextEncoding;

std::string Latin1ToUtf8(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

void CheckText(std::string_view text) {
  std::string latin1;
  st::event::AppendPythonJson(latin1, text, TextEncoding::kLatin1);
  ST_CHECK(nlohmann::json::parse(latin1).get<std::string>() == Latin1ToUtf8(text));
  std::string utf8;
  st::event::AppendPythonJson(utf8, text, TextEncoding::kUtf8);
  const auto read = nlohmann::json::parse(utf8).get<std::string>();
  ST_CHECK(!st::IsUtf8(text) || read == text);
  // nlohmann's ASCII form differs from Python's only in DEL, which nlohmann does not escape.
  if (st::IsUtf8(text) && text.find('\x7F') == std::string_view::npos) {
    ST_CHECK(utf8 == nlohmann::json(text).dump(-1, ' ', true));
  }
  for (const char c : latin1 + utf8) ST_CHECK(c >= ' ' && c <= '~');
}

void CheckPayload(std::string_view text) {
  st::event::Declaration event;
  event.with_headers = true;
  st::event::Headers headers;
  bool is_field = true;
  for (const auto line : st::Split(text, '\n')) {
    const auto colon = std::min(line.find(':'), line.size());
    const std::string name(line.substr(0, colon));
    const std::string value(line.substr(std::min(colon + 1, line.size())));
    if (line.empty()) is_field = false;
    const auto same = [&](const auto& field) { return field.name == name; };
    if (!is_field) {
      headers.emplace_back(name, value);
    } else if (std::ranges::none_of(event.fields, same)) {
      st::event::Field field;
      field.name = name;
      st::event::AppendPythonJson(field.value.emplace(), value, TextEncoding::kUtf8);
      event.fields.push_back(std::move(field));
    }
  }
  const auto payload = st::event::Payload(event, headers);
  const auto read = nlohmann::json::parse(payload);
  ST_CHECK(read.is_object());
  for (const auto& field : event.fields) {
    ST_CHECK(!st::IsUtf8(field.name) || read.contains(field.name));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckText(text);
  CheckPayload(text);
  return 0;
}
