// Sockets of other clients on this machine. For tests.
#pragma once

#include <string>

#include "base/check.h"
#include "net/address.h"

namespace st::net::testing {

// A connected, blocking socket whose own address is `from`: all of 127.0.0.0/8 are this machine's.
inline os::UniqueFd ConnectFrom(const std::string& from, const std::string& address) {
  auto to = ParseAddress(address).value();
  auto own = ParseAddress(from + ":0").value();
  os::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ST_CHECK(fd.is_open());
  ST_CHECK(::bind(fd.get(), own.get(), own.size) == 0);
  ST_CHECK(::connect(fd.get(), to.get(), to.size) == 0);
  SetNoDelay(fd.get());
  return fd;
}

}  // namespace st::net::testing
