// What a load run needs to know of the server it plays against.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace st::cli {

struct LoadTarget {
  std::string url;
  std::string address;  // "127.0.0.1:5000"
  bool is_steelthread = false;
  bool has_game = false;
  // Of a steelthread server: "kafka", "sql", "catalog".
  std::map<std::string, std::string> endpoints;
  struct Event {
    std::string topic;
    std::string table;
  };
  std::map<std::string, Event, std::less<>> events;  // that it declares, by name
  // Tables of its declared events, by event_type, and their topics.
  std::map<std::string, std::string, std::less<>> tables_by_type;
  std::map<std::string, std::string> topic_of_table;
};

// Asks `url` ("http://HOST[:PORT]") what it is. A server without /.well-known/steelthread is
// another's.
// Errors: kInvalidArgument no such URL; kUnavailable nobody answers.
Result<LoadTarget> FindLoadTarget(const std::string& url);

}  // namespace st::cli
