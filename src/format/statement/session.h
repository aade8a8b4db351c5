// The client of a statement and its session, from the headers of its request.
//
// Threads: pure function.
// Limits:  none of its own; net bounds headers.
// Format:  Trino, "Client protocol"; docs/sql_protocol.md
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "format/statement/family.h"

namespace st::statement {

struct Session {
  Family family = Family::kTrino;
  std::string user;
  std::string source;
  std::string catalog;
  std::string schema;
  std::string time_zone;
  bool parametric_datetime = false;               // capability PARAMETRIC_DATETIME
  std::map<std::string, std::string> properties;  // of X-…-Session, decoded
};
using Headers = std::vector<std::pair<std::string, std::string>>;

// Tolerant: a missing or malformed value is the default; names are in any case; of both families
// the one with the user is read.
Session ParseSession(const Headers& headers);

}  // namespace st::statement
