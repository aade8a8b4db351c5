// Addresses as users write them, and sockets that listen on or connect to them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/process.h"

namespace st::net {

// A numeric IPv4 or IPv6 address with its port.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const;
  sockaddr* get();
};

// "127.0.0.1:5000", "[::1]:5000"; an IPv4 address mapped into IPv6 is written as IPv4.
std::string ToString(const Endpoint& endpoint);

// Takes "host:port" with an IPv4 address, an IPv6 address in brackets, or "localhost" (127.0.0.1).
// Errors: kInvalidArgument.
Result<Endpoint> ParseAddress(std::string_view address);

// A non-blocking, close-on-exec socket that listens; SO_REUSEADDR.
// Errors: kInvalidArgument bad address, or not one of this machine; kUnavailable port taken
// ("address already in use: 127.0.0.1:5000"); kIo.
Result<os::UniqueFd> Listen(const std::string& address);

// A connected, non-blocking, close-on-exec socket with TCP_NODELAY.
// Errors: kInvalidArgument; kUnavailable nothing listens; kDeadline; kIo.
Result<os::UniqueFd> Connect(const std::string& address, std::int64_t timeout_us);

// The address that the socket has, or was reached at; "" if the system does not say.
std::string LocalAddress(int fd);

void SetNoDelay(int fd);

}  // namespace st::net
