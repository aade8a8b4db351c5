// What a server says of itself at /.well-known/steelthread.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace st::client {

struct ServerDescription {
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

// Asks the server at `url` ("http://HOST[:PORT]"). A server without that page is not a steelthread.
// Errors: kInvalidArgument no such URL; kUnavailable no answer.
Result<ServerDescription> DiscoverServer(const std::string& url);

}  // namespace st::client
