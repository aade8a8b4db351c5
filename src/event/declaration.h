// An event as a project declares it: its route, its reply, its payload. Pure.
//
// Format: docs/events.md. Errors: kInvalidArgument with file:line:column, reason, nearest key.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::event {

struct Declaration {
  std::string name;
  std::string name_place;  // "events/a.toml:1:8", for errors that name two
  std::string method;      // "GET", "POST", "PUT", "DELETE"
  std::string path;        // "/purchase_a_sword", not percent-encoded
  std::string route_place;
  std::string topic = "events";
  std::string reply;
  bool with_headers = false;                                // headers = "all"
  bool is_text = false;                                     // payload = "…"
  std::string text;                                         // payload of a plain-text event
  std::vector<std::pair<std::string, std::string>> fields;  // in declared order
};

// One events/*.toml; `file` is its name in errors. Total on hostile input.
Result<Declaration> ParseDeclaration(std::string_view toml, const std::string& file);
// kInvalidArgument: two declarations with one name or one route (names both places).
Status CheckTogether(const std::vector<Declaration>& declarations);

}  // namespace st::event
