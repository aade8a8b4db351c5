// JSON objects and lists, written member by member: ASCII, `", "` and `": "` between, as the
// events' payloads.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "event/python_json.h"

namespace st::game {

class JsonObject {
 public:
  JsonObject() { out_.reserve(160); }
  JsonObject& Text(std::string_view name, std::string_view value) {
    Name(name);
    event::AppendPythonJson(out_, value, event::TextEncoding::kUtf8);
    return *this;
  }
  JsonObject& Number(std::string_view name, std::int64_t value) {
    Name(name);
    out_ += fmt::format_int(value).c_str();
    return *this;
  }
  JsonObject& Bool(std::string_view name, bool value) {
    return Raw(name, value ? "true" : "false");
  }
  JsonObject& Raw(std::string_view name, std::string_view json) {
    Name(name);
    out_ += json;
    return *this;
  }
  std::string Take() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  // `name` needs no escaping.
  void Name(std::string_view name) {
    out_ += out_.empty() ? "{\"" : ", \"";
    out_ += name;
    out_ += "\": ";
  }
  std::string out_;
};

class JsonList {
 public:
  void Add(std::string_view json) {
    out_ += out_.empty() ? "[" : ", ";
    out_ += json;
  }
  void AddText(std::string_view value) {
    out_ += out_.empty() ? "[" : ", ";
    event::AppendPythonJson(out_, value, event::TextEncoding::kUtf8);
  }
  std::string Take() {
    if (out_.empty()) out_ = "[";
    out_ += ']';
    return std::move(out_);
  }

 private:
  std::string out_;
};

}  // namespace st::game
