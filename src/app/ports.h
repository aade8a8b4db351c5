// The addresses that a server listens on: whether they differ, and whether they are free.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace st::app {

// Key and address of each listener.
std::vector<std::pair<std::string, std::string>> ListenersOf(const Config& config);

// kInvalidArgument: two listeners have one address.
Status CheckListeners(const Config& config);

// Why a listener fails, under the key that a user can change, with the process that holds a taken
// port.
Error ListenFault(const Config& config, const std::string& key, const std::string& address,
                  const Error& error);
// The same with what to set instead.
Error ListenError(const Config& config, const std::string& key, const std::string& address,
                  const Error& error);

// Listens on each address and stops at once, so that a start leaves nothing behind if it cannot
// listen.
//
// Errors: ListenError of all addresses that cannot be had, a line each; not of those that the
// server
//         on this data folder holds.
Status CheckPortsFree(const Config& config);

}  // namespace st::app
