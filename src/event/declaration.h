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
  std::string place;  // file, for errors that name two
  std::string name;
  std::string method;  // "GET", "POST", "PUT", "DELETE"
  std::string path;    // "/purchase_a_sword"
  std::string topic = "events";
  std::string reply;
  bool with_headers = false;                                // headers = "all"
  std::string text;                                         // payload of a plain-text event
  std::vector<std::pair<std::string, std::string>> fields;  // in declared order
  bool is_text() const { return fields.empty() && !with_headers; }
};

// One events/*.toml.
Result<Declaration> ParseDeclaration(std::string_view toml, const std::string& file);
// kInvalidArgument: two declarations with one name or one route (names both files).
Status CheckTogether(const std::vector<Declaration>& declarations);

using Headers = std::vector<std::pair<std::string, std::string>>;
// The bytes that the course's Flask application logs: json.dumps of the declared fields, updated
// with the request's headers. Host, then the fields in declared order, then other headers by name.
// Names as WSGI and Werkzeug make them: Title-Case, duplicates joined by ",", none with "_".
std::string Payload(const Declaration& declaration, const Headers& headers);

}  // namespace st::event
