#include "net/stream.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "net/acceptor.h"
#include "net/http_connection.h"
#include "net/testing.h"

namespace st::net {
namespace {

constexpr char kCipher = 0x55;

std::string Ciphered(std::string text) {
  for (char& c : text) c = static_cast<char>(c ^ kCipher);
  return text;
}

// Changes each byte as TLS would, and moves only a few bytes at a time.
class CipherStream final : public Stream {
 public:
  explicit CipherStream(std::unique_ptr<Stream> inner) : inner_(std::move(inner)) {}
  void ReadSome(std::span<char> to, Done done) override {
    const auto some = to.subspan(0, std::min<std::size_t>(to.size(), 7));
    inner_->ReadSome(some, [some, done = std::move(done)](auto error, std::size_t n) mutable {
      for (char& c : some.subspan(0, n)) c = static_cast<char>(c ^ kCipher);
      done(error, n);
    });
  }
  void WriteSome(std::span<const boost::asio::const_buffer> parts, Done done) override {
    const auto part =
        std::ranges::find_if(parts, [](const auto& buffer) { return buffer.size() > 0; });
    const std::string_view bytes(static_cast<const char*>(part->data()), part->size());
    out_ = Ciphered(std::string(bytes.substr(0, 5)));
    const std::array<boost::asio::const_buffer, 1> ciphered = {boost::asio::buffer(out_)};
    inner_->WriteSome(ciphered, std::move(done));
  }
  void Cancel() override { inner_->Cancel(); }
  void EndSending() override { inner_->EndSending(); }
  void Close() override { inner_->Close(); }
  bool HasUnread() const override { return inner_->HasUnread(); }
  const std::string& peer() const override { return inner_->peer(); }
  const std::string& local() const override { return inner_->local(); }

 private:
  const std::unique_ptr<Stream> inner_;
  std::string out_;
};

TEST(Stream, HttpWorksOverAnotherStream) {
  const HttpOptions options{.listen = "127.0.0.1:0", .name = "t"};
  HttpShared shared(options, [](const HttpRequest& request, auto responder) {
    EXPECT_TRUE(request.peer.starts_with("127.0.0.1:"));
    responder->Send({.body = request.body + std::string(10'000, 'x') + "end", .headers = {}});
  });
  ServerCore core(SharedBy({.name = options.name,
                            .max_connections = 10,
                            .max_refusals = 1,
                            .budgets = {},
                            .sweep_us = kSweepUs,
                            .served = nullptr}),
                  [&](std::unique_ptr<Stream> stream, const ServerCore::Place& place) {
                    return std::make_shared<HttpConnection>(
                        shared, std::make_unique<CipherStream>(std::move(stream)), place);
                  });
  shared.core = &core;
  Acceptor acceptor({.listen = options.listen, .name = options.name}, {&core});
  ASSERT_TRUE(acceptor.Open());
  const auto fd = testing::ConnectFrom("127.0.0.1", acceptor.address());
  for (int i = 0; i < 2; ++i) {
    const auto request = Ciphered("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" +
                                  std::string(100, 'b'));
    ASSERT_EQ(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string got;
    while (!got.ends_with("xend")) {
      pollfd wait{fd.get(), POLLIN, 0};
      ASSERT_EQ(::poll(&wait, 1, 20'000), 1);
      std::array<char, 4096> part{};
      const ssize_t n = ::recv(fd.get(), part.data(), part.size(), 0);
      ASSERT_GT(n, 0);
      got += Ciphered(std::string(part.data(), static_cast<std::size_t>(n)));
    }
    EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(got.contains("Content-Length: 10103\r\n"));
  }
  acceptor.Stop(1'000'000);
}

}  // namespace
}  // namespace st::net
