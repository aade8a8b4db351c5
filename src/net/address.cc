#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace st::net {
namespace {

// The sockets API requires these casts.
sockaddr_in* AsIpv4(Endpoint& endpoint) {
  return reinterpret_cast<sockaddr_in*>(&endpoint.storage);
}
const sockaddr_in* AsIpv4(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr_in*>(&endpoint.storage);
}
sockaddr_in6* AsIpv6(Endpoint& endpoint) {
  return reinterpret_cast<sockaddr_in6*>(&endpoint.storage);
}
const sockaddr_in6* AsIpv6(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr_in6*>(&endpoint.storage);
}

std::unexpected<Error> BadAddress(std::string_view address, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument,
              "address '{}': {}; want host:port such as 127.0.0.1:5000, [::1]:5000 or "
              "localhost:5000 (0.0.0.0 for every interface, port 0 for a free one)",
              address, why);
}

std::unexpected<Error> SocketError(const std::string& what) {
  return std::unexpected(os::ErrorFromErrno(errno, what));
}

Status BindError(int error, const std::string& address) {
  switch (error) {
    case EADDRINUSE:
      return Fail(ErrorCode::kUnavailable, "address already in use: {}", address);
    case EADDRNOTAVAIL:
      return Fail(ErrorCode::kInvalidArgument, "cannot listen on {}: no such address here",
                  address);
    case EACCES:
      return Fail(ErrorCode::kInvalidArgument,
                  "cannot listen on {}: permission denied (ports below 1024 need a privilege)",
                  address);
    default:
      return std::unexpected(os::ErrorFromErrno(error, "cannot listen on " + address));
  }
}

}  // namespace

const sockaddr* Endpoint::get() const { return reinterpret_cast<const sockaddr*>(&storage); }
sockaddr* Endpoint::get() { return reinterpret_cast<sockaddr*>(&storage); }

std::string ToString(const Endpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (endpoint.storage.ss_family == AF_INET) {
    const sockaddr_in* v4 = AsIpv4(endpoint);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4->sin_port));
  }
  if (endpoint.storage.ss_family == AF_UNIX) return "unix";
  if (endpoint.storage.ss_family != AF_INET6) return "";
  const sockaddr_in6* v6 = AsIpv6(endpoint);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    ::inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v6->sin6_port));
  }
  ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
  return fmt::format("[{}]:{}", text.data(), ntohs(v6->sin6_port));
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  const bool is_digits =
      !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  const auto value = is_digits ? ParseInt64(text) : std::nullopt;
  if (!value || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::optional<std::string_view> HostOf(std::string_view authority) {
  const bool is_bracketed = authority.starts_with('[');
  const auto end = is_bracketed ? authority.find(']') : authority.find(':');
  if (is_bracketed && end == authority.npos) return std::nullopt;
  const auto host = authority.substr(0, is_bracketed ? end + 1 : end);
  const auto inside = is_bracketed ? host.substr(1, host.size() - 2) : host;
  const std::string_view marks = is_bracketed ? ":." : "-._~%!$&'()*+,;=";
  const bool is_plain = std::ranges::all_of(inside, [marks](char c) {
    const bool is_alnum =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_alnum || marks.contains(c);
  });
  const auto rest = authority.substr(host.size());
  if (!is_plain || (inside.empty() && !authority.empty())) return std::nullopt;
  // RFC 9110, 4.2.3: an empty port is the default one.
  if (!rest.empty() && rest != ":" && (rest[0] != ':' || !ParsePort(rest.substr(1)))) {
    return std::nullopt;
  }
  return host;
}

Result<Endpoint> ParseAddress(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return BadAddress(address, "no port");
  const auto port = ParsePort(address.substr(colon + 1));
  if (!port) return BadAddress(address, "the port is no number from 0 to 65535");
  std::string host(address.substr(0, colon));
  Endpoint endpoint;
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6* v6 = AsIpv6(endpoint);
    const std::string inside = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, inside.c_str(), &v6->sin6_addr) != 1) {
      return BadAddress(address, "no IPv6 address in the brackets");
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(*port);
    endpoint.size = sizeof(sockaddr_in6);
    return endpoint;
  }
  if (host.find(':') != std::string::npos) {
    return BadAddress(address, "an IPv6 address needs brackets");
  }
  if (EqualsIgnoreCase(host, "localhost")) host = "127.0.0.1";
  sockaddr_in* v4 = AsIpv4(endpoint);
  if (host.find('\0') != std::string::npos ||
      ::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) != 1) {
    return BadAddress(address, "the host is neither an IP address nor localhost");
  }
  v4->sin_family = AF_INET;
  v4->sin_port = htons(*port);
  endpoint.size = sizeof(sockaddr_in);
  return endpoint;
}

Result<os::UniqueFd> Listen(const std::string& address) {
  ST_TRY(const Endpoint endpoint, ParseAddress(address));
  os::UniqueFd fd(
      ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return SocketError("socket for " + address);
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
    return SocketError("SO_REUSEADDR for " + address);
  }
  if (::bind(fd.get(), endpoint.get(), endpoint.size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    ST_TRY_STATUS(BindError(errno, ToString(endpoint)));
  }
  return fd;
}

Result<Listener> Listener::Open(const std::string& address) {
  Listener listener;
  if (const auto path = UnixPath(address)) {
    ST_TRY(auto bound, ListenUnix(std::string(*path)));
    listener.fd_ = std::move(bound.fd);
    listener.file_ = std::move(bound.file);
    listener.address_ = address;
    return listener;
  }
  ST_TRY(listener.fd_, Listen(address));
  listener.address_ = LocalAddress(listener.fd_.get());
  return listener;
}

Listener::~Listener() {
  if (file_) RemoveUnixSocket(*file_);
}

Result<std::string> ResolveAddress(const std::string& host_and_port) {
  if (const auto known = ParseAddress(host_and_port)) return ToString(*known);
  const auto colon = host_and_port.rfind(':');
  const auto port = ParseInt64(colon == std::string::npos ? "" : host_and_port.substr(colon + 1));
  if (!port || *port < 1 || *port > 65'535 || colon == 0) {
    return Fail(ErrorCode::kInvalidArgument, "'{}': want HOST:PORT", host_and_port);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto host = host_and_port.substr(0, colon);
  const int code = ::getaddrinfo(host.c_str(), host_and_port.c_str() + colon + 1, &hints, &found);
  if (code != 0) return Fail(ErrorCode::kNotFound, "'{}': {}", host, ::gai_strerror(code));
  Endpoint endpoint;
  endpoint.size = found->ai_addrlen;
  std::memcpy(&endpoint.storage, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return ToString(endpoint);
}

std::optional<std::string_view> UnixPath(std::string_view address) {
  constexpr std::string_view kScheme = "unix:";
  if (!address.starts_with(kScheme)) return std::nullopt;
  return address.substr(kScheme.size());
}

Result<os::UniqueFd> Connect(const std::string& address, std::int64_t timeout_us) {
  if (const auto path = UnixPath(address)) return ConnectUnix(std::string(*path), timeout_us);
  ST_TRY(const Endpoint endpoint, ParseAddress(address));
  os::UniqueFd fd(
      ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return SocketError("socket for " + address);
  int error = 0;
  if (::connect(fd.get(), endpoint.get(), endpoint.size) != 0) error = errno;
  if (error == EINPROGRESS) {
    pollfd wait{fd.get(), POLLOUT, 0};
    const int timeout_ms =
        static_cast<int>(std::clamp<std::int64_t>(timeout_us / 1000, 0, 1 << 30));
    if (::poll(&wait, 1, timeout_ms) <= 0) {
      return Fail(ErrorCode::kDeadline, "no connection to {} within {} ms", address, timeout_ms);
    }
    socklen_t size = sizeof(error);
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == ECONNREFUSED) {
    return Fail(ErrorCode::kUnavailable, "nothing listens on {}", address);
  }
  if (error != 0) return std::unexpected(os::ErrorFromErrno(error, "connect to " + address));
  SetNoDelay(fd.get());
  return fd;
}

std::string LocalAddress(int fd) {
  Endpoint endpoint;
  endpoint.size = sizeof(endpoint.storage);
  if (::getsockname(fd, endpoint.get(), &endpoint.size) != 0) return "";
  return ToString(endpoint);
}

std::string PeerAddress(int fd) {
  Endpoint endpoint;
  endpoint.size = sizeof(endpoint.storage);
  if (::getpeername(fd, endpoint.get(), &endpoint.size) != 0) return "";
  return ToString(endpoint);
}

std::string ClientOf(std::string_view peer) {
  auto endpoint = ParseAddress(peer);
  if (!endpoint) return std::string(peer);
  if (ToString(*endpoint).starts_with('[')) {
    auto& bytes = AsIpv6(*endpoint)->sin6_addr.s6_addr;
    std::fill(std::begin(bytes) + 8, std::end(bytes), std::uint8_t{0});
  }
  auto text = ToString(*endpoint);
  text.erase(text.rfind(':'));
  return text;
}

void SetNoDelay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace st::net
