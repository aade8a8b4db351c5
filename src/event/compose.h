// Composes an event's record from a request on its route, or refuses the request. Pure; total on
// hostile input.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/declaration.h"
#include "event/payload.h"
#include "event/route.h"
#include "event/value.h"

namespace st::event {

struct Request {
  std::string_view path;   // decoded; of the route's form
  std::string_view query;  // as sent, without "?"
  const Headers& headers;
  std::string_view body;
  std::string_view peer;       // "127.0.0.1:51234"
  std::int64_t time_ms = 0;    // since the epoch, UTC
  std::string_view unique_id;  // for fields from the server's "id"
};

// The refusal of a request: the members of an RFC 9457 problem, and the parameter at fault.
struct Fault {
  int status = 400;       // 400, 413 or 415
  std::string code;       // "missing_parameter", "invalid_parameter", "unknown_parameter",
                          // "malformed_query", "malformed_body", "event_too_large",
                          // "unsupported_media_type"
  std::string parameter;  // or ""
  std::string detail;     // what is allowed
};

struct Composed {
  std::string value;
  std::optional<std::string> key;
};

// Refuses each parameter of the query and of the body that the declaration does not take from
// there, and says where it belongs. Headers are free.
//
// Limits: kMaxEventBytes (limits.h), counted while the values are read: JSON writes a byte in up to
//         six characters, and several fields may take one parameter.
class Composer {
 public:
  explicit Composer(Declaration declaration);

  const Declaration& declaration() const { return declaration_; }
  bool needs_id() const { return needs_id_; }
  std::expected<Composed, Fault> Compose(const Request& request) const;

 private:
  class Sources;
  // Where a parameter of this name belongs, "belongs in the body"; nothing: it is none.
  std::optional<std::string> PlaceOf(const std::string& name) const;
  std::string PayloadOf(const Request& request, const std::vector<std::string>& values) const;
  std::optional<std::string> KeyOf(const Request& request,
                                   const std::vector<std::string>& values) const;

  Declaration declaration_;
  std::vector<FieldReader> readers_;  // of the declared fields
  std::optional<PathTemplate> path_;
  bool is_plain_ = true;  // every field is a constant, and there is no key
  bool needs_id_ = false;
  std::vector<std::string> query_names_;
  std::vector<std::string> body_names_;
};

// The refusal of a query that is malformed or has an unknown or repeated parameter.
std::optional<Fault> FaultOfQuery(std::string_view query, const std::vector<std::string>& known);
// 415 where there is a Content-Type and it is not JSON's.
std::optional<Fault> FaultOfJsonType(const Headers& headers);

}  // namespace st::event
