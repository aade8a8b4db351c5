#include "net/stream.h"

#include <utility>
#include <vector>

#include "net/address.h"

namespace st::net {
namespace {

namespace asio = boost::asio;

// A sequence of buffers whose copies share one list, because asio's operations copy their argument.
class Parts {
 public:
  using value_type = asio::const_buffer;
  using const_iterator = const asio::const_buffer*;
  explicit Parts(const std::vector<asio::const_buffer>& list) : list_(&list) {}
  const_iterator begin() const { return list_->data(); }
  const_iterator end() const { return list_->data() + list_->size(); }

 private:
  const std::vector<asio::const_buffer>* list_;
};

class SocketStream final : public Stream {
 public:
  explicit SocketStream(Socket socket)
      : socket_(std::move(socket)),
        peer_(PeerAddress(socket_.native_handle())),
        local_(LocalAddress(socket_.native_handle())) {
    SetNoDelay(socket_.native_handle());
  }
  void ReadSome(std::span<char> to, Done done) override {
    socket_.async_read_some(asio::buffer(to.data(), to.size()), std::move(done));
  }
  void WriteSome(std::span<const asio::const_buffer> parts, Done done) override {
    writing_.assign(parts.begin(), parts.end());
    socket_.async_write_some(Parts(writing_), std::move(done));
  }
  void Cancel() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  void EndSending() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void Close() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }
  bool HasUnread() const override {
    boost::system::error_code ignored;
    return socket_.available(ignored) > 0;
  }
  const std::string& peer() const override { return peer_; }
  const std::string& local() const override { return local_; }

 private:
  Socket socket_;
  std::vector<asio::const_buffer> writing_;  // buffers of the write in progress
  const std::string peer_;
  const std::string local_;
};

}  // namespace

std::unique_ptr<Stream> MakeSocketStream(Socket socket) {
  return std::make_unique<SocketStream>(std::move(socket));
}

void WholeReader::Read(std::span<char> to, std::shared_ptr<void> owner, Done done) {
  rest_ = to;
  done_ = std::move(done);
  ReadRest(std::move(owner));
}

void WholeReader::ReadRest(std::shared_ptr<void> owner) {
  auto step = [this, owner = std::move(owner)](boost::system::error_code error, std::size_t n) {
    rest_ = rest_.subspan(n);
    if (!error && !rest_.empty()) return ReadRest(owner);
    std::exchange(done_, nullptr)(error);
  };
  stream_.ReadSome(rest_, std::move(step));
}

}  // namespace st::net
