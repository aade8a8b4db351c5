// Checks that the addresses of a server's listeners differ and are free, and says whom they trust.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace st::app {

// Key and address of each listener.
std::vector<std::pair<std::string, std::string>> ListenersOf(const Config& config);

// kInvalidArgument: two listeners have one address, or one has the port of all addresses and the
// other that of one of them.
Status CheckListeners(const Config& config);

// The error of a listener, with the key of its setting and the process that holds the port; of a
// server whose data folder was removed with how to end it.
Error ListenFault(const Config& config, const std::string& key, const std::string& address,
                  const Error& error);
// The same with the remedy: the setting to change.
Error ListenError(const Config& config, const std::string& key, const std::string& address,
                  const Error& error);

// Listens on each address and stops at once, so that a start leaves nothing behind if it cannot
// listen.
//
// Does nothing while a process has the data folder open: a server on it listens already, perhaps on
// other addresses than these, and another one cannot start.
//
// Errors: ListenError of all addresses that are not free, a line each.
Status CheckPortsFree(const Config& config);

// The warning that the HTTP port at this address gives every client the rights of every player.
std::string TrustWarning(const std::string& http_address);

}  // namespace st::app
