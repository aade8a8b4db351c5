// The connection under a protocol: bytes in order, in both directions. TLS goes under this
// interface, and no protocol sees a socket.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace st::net {

using Protocol = boost::asio::generic::stream_protocol;  // TCP and Unix sockets alike
using Socket = Protocol::socket;

// One connected peer. A first operation may do a handshake before its bytes move.
//
// Threads: the io thread of its socket; `done` runs on it, never from within the call.
// Owner:   buffers must live until `done`. After Close `done` still runs, with an error.
class Stream {
 public:
  using Done = std::move_only_function<void(boost::system::error_code, std::size_t)>;
  virtual ~Stream() = default;

  // Reads at least one byte. Requires: no other read is in progress.
  virtual void ReadSome(std::span<char> to, Done done) = 0;
  // Writes at least one byte of `parts`. Requires: no other write is in progress.
  virtual void WriteSome(std::span<const boost::asio::const_buffer> parts, Done done) = 0;
  // Ends reads and writes in progress with an error.
  virtual void Cancel() = 0;
  // Sends no more; the peer reads the end after what was written.
  virtual void EndSending() = 0;
  virtual void Close() = 0;
  // Bytes of the peer wait to be read.
  virtual bool HasUnread() const = 0;

  // "127.0.0.1:51234", or "unix": of the peer, and the address that it dialled.
  virtual const std::string& peer() const = 0;
  virtual const std::string& local() const = 0;
};

// The stream of a connected socket; sets TCP_NODELAY.
std::unique_ptr<Stream> MakeSocketStream(Socket socket);

// Fills whole buffers from a stream, one at a time.
//
// Threads: the stream's.
// Owner:   `stream` must outlive it; the `owner` of a read keeps both and the buffer until `done`.
class WholeReader {
 public:
  using Done = std::move_only_function<void(boost::system::error_code)>;
  explicit WholeReader(Stream& stream) : stream_(stream) {}
  // `done` gets an error if the peer ends before `to` is full. Requires: no other read.
  void Read(std::span<char> to, std::shared_ptr<void> owner, Done done);

 private:
  void ReadRest(std::shared_ptr<void> owner);

  Stream& stream_;
  std::span<char> rest_;
  Done done_;
};

}  // namespace st::net
