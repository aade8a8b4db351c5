// Addresses as users write them, and sockets that listen on or connect to them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "net/unix_socket.h"
#include "os/process.h"

namespace st::net {

// A numeric IPv4 or IPv6 address with its port.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const;
  sockaddr* get();
};

// "127.0.0.1:5000", "[::1]:5000", "unix"; an IPv4 address mapped into IPv6 is written as IPv4.
std::string ToString(const Endpoint& endpoint);

// The port that a text of digits alone names, 0 to 65535.
std::optional<std::uint16_t> ParsePort(std::string_view text);

// The host of an authority without its port, as in a Host header: a name or IPv4 address, or an
// IPv6 address with its brackets; "" of "". nullopt: it has another form (RFC 3986, 3.2; user
// information is none here).
std::optional<std::string_view> HostOf(std::string_view authority);

// Takes "host:port" with an IPv4 address, an IPv6 address in brackets, or "localhost" (127.0.0.1).
// Errors: kInvalidArgument.
Result<Endpoint> ParseAddress(std::string_view address);

// Resolves "host:port", with a name or an address, to "127.0.0.1:5000"; blocks for the look-up.
// Errors: kInvalidArgument not of that form; kNotFound the name is unknown.
Result<std::string> ResolveAddress(const std::string& host_and_port);

// A non-blocking, close-on-exec socket that listens; SO_REUSEADDR.
// Errors: kInvalidArgument bad address, or not one of this machine; kUnavailable port taken
// ("address already in use: 127.0.0.1:5000"); kIo.
Result<os::UniqueFd> Listen(const std::string& address);

// The path of "unix:/path"; none for other addresses.
std::optional<std::string_view> UnixPath(std::string_view address);

// A socket that listens on "host:port" or "unix:/path", and its socket file, removed at the end.
class Listener {
 public:
  // Errors: as Listen and ListenUnix.
  static Result<Listener> Open(const std::string& address);
  Listener(Listener&& other) noexcept
      : fd_(std::move(other.fd_)),
        address_(std::move(other.address_)),
        file_(std::exchange(other.file_, std::nullopt)) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();
  // With the port that was taken.
  const std::string& address() const { return address_; }
  os::UniqueFd TakeFd() { return std::move(fd_); }

 private:
  Listener() = default;
  os::UniqueFd fd_;
  std::string address_;
  std::optional<UnixSocketFile> file_;
};

// A connected, non-blocking, close-on-exec socket, to TCP with TCP_NODELAY; `address` may be
// "unix:/path".
// Errors: kInvalidArgument; kUnavailable nothing listens; kDeadline; kIo.
Result<os::UniqueFd> Connect(const std::string& address, std::int64_t timeout_us);

// The socket's own address; "" if the system does not give it.
std::string LocalAddress(int fd);
// The address of the other end, likewise.
std::string PeerAddress(int fd);

// The client to which limits apply, from an address of PeerAddress: the address without the port;
// of IPv6 the first 64 bits, which belong to one subscriber; "unix" and other texts unchanged.
std::string ClientOf(std::string_view peer);

void SetNoDelay(int fd);

}  // namespace st::net
