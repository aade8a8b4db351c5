// The kinds of requests that a run sends.
#pragma once

#include <string>

namespace st::client::ledger {

struct RequestKind {
  std::string name;         // the event's, or the command's
  bool is_command = false;  // its events are the game's to choose
  bool is_read = false;     // changes nothing, is counted apart and has no key
  std::string topic;        // of a declared event
  std::string table;        // likewise; "": none
};

}  // namespace st::client::ledger
