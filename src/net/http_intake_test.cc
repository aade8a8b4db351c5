#include "net/http_intake.h"

#include <gtest/gtest.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>

#include "net/limits.h"

namespace st::net {
namespace {

constexpr HttpIntake::Limits kLimits{.max_header_bytes = 8192, .max_body_bytes = 4096};

// The result of a connection's bytes: the requests taken, and the status of the refusal that ended
// it, if any.
struct Outcome {
  std::vector<HttpIntake::Taken> taken;
  int refused = 0;
  bool is_within_request = false;
};

void Feed(HttpIntake& intake, std::string_view bytes, Outcome& outcome) {
  while (!bytes.empty() && outcome.refused == 0) {
    const auto room = intake.Room();
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    bytes.remove_prefix(n);
    intake.Commit(n);
    while (intake.state() == HttpIntake::State::kReady) outcome.taken.push_back(intake.Take());
    if (intake.state() == HttpIntake::State::kRefused) outcome.refused = intake.refusal().status;
  }
  outcome.is_within_request = intake.is_within_request();
}

Outcome TakeAll(std::string_view bytes) {
  HttpIntake intake(kLimits);
  Outcome outcome;
  Feed(intake, bytes, outcome);
  return outcome;
}

int Refusal(std::string_view bytes) { return TakeAll(bytes).refused; }

std::string Show(const Outcome& outcome) {
  std::string out;
  for (const auto& [request, traits] : outcome.taken) {
    out += fmt::format("{}|{}|{}|{}|{}|{}{}{}|", request.method, request.target, request.path,
                       request.query, request.body, traits.keep_alive, traits.is_http10,
                       traits.is_head);
    for (const auto& [name, value] : request.headers) out += name + "=" + value + ";";
    out += "\n";
  }
  return out + std::to_string(outcome.refused);
}

const std::string kChunked =
    "POST /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=value; q=\"a;b\" ;c\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: "
    "t\r\n\r\n";
const std::string kLengthy = "PUT /n HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
const std::string kPlain = "GET / HTTP/1.1\r\nHost: x\r\nAccept:  */* \r\n\r\n";

TEST(HttpIntake, TakesRequestsHoweverTheyAreCut) {
  const std::string bytes = kChunked + kLengthy + "\r\n" + kPlain + kChunked;
  const auto whole = TakeAll(bytes);
  ASSERT_EQ(whole.taken.size(), 4U) << Show(whole);
  EXPECT_EQ(whole.taken[0].request.body, "helloabcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(whole.taken[0].request.query, "b=c");
  EXPECT_EQ(whole.taken[1].request.body, "body");
  EXPECT_EQ(whole.taken[2].request.Header("accept"), "*/*");
  EXPECT_FALSE(whole.is_within_request);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    HttpIntake intake(kLimits);
    Outcome outcome;
    Feed(intake, std::string_view(bytes).substr(0, cut), outcome);
    Feed(intake, std::string_view(bytes).substr(cut), outcome);
    ASSERT_EQ(Show(outcome), Show(whole)) << "cut at " << cut;
  }
  HttpIntake intake(kLimits);
  Outcome outcome;
  for (const char& byte : bytes) Feed(intake, {&byte, 1}, outcome);
  EXPECT_EQ(Show(outcome), Show(whole));
}

// Beast 1.81 asserts when a last chunk is cut before its last byte.
TEST(HttpIntake, ALastChunkMayBeCutAnywhere) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t a = 0; a <= bytes.size(); ++a) {
    for (std::size_t b = a; b <= bytes.size(); ++b) {
      HttpIntake intake(kLimits);
      Outcome outcome;
      const std::string_view view(bytes);
      for (const auto part : {view.substr(0, a), view.substr(a, b - a), view.substr(b)}) {
        Feed(intake, part, outcome);
      }
      ASSERT_EQ(outcome.taken.size(), 1U) << a << " " << b;
      EXPECT_EQ(outcome.refused, 0);
    }
  }
}

TEST(HttpIntake, APrefixIsNeitherTakenNorRefused) {
  for (const auto& bytes : {kChunked, kLengthy, kPlain}) {
    for (std::size_t n = 1; n < bytes.size(); ++n) {
      const auto outcome = TakeAll(std::string_view(bytes).substr(0, n));
      EXPECT_TRUE(outcome.taken.empty() && outcome.refused == 0 && outcome.is_within_request)
          << bytes.substr(0, n);
    }
  }
}

TEST(HttpIntake, AmbiguousLengthsAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const std::string lines :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\ncontent-length: 1\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: -1\r\n", "Content-Length: +1\r\n",
        "Content-Length: 0x1\r\n", "Content-Length: 1 1\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chunked;q=1\r\n"}) {
    EXPECT_EQ(Refusal(head + lines + "\r\n0\r\n\r\n"), 400) << lines;
  }
  EXPECT_EQ(Refusal(head + "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501);
  EXPECT_EQ(Refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(HttpIntake, MalformedHeadsAreRefused) {
  const auto with = [](const std::string& line) {
    return "GET / HTTP/1.1\r\nHost: x\r\n" + line + "\r\n\r\n";
  };
  for (const std::string& bytes : {with("A : b"),
                                   with(" A: b"),
                                   with("A: b\r\n c"),
                                   with("A: b\r\n\tc"),
                                   with("A"),
                                   with(": b"),
                                   with("A B: c"),
                                   with("A\tB: c"),
                                   with(std::string("A: b\0c", 6)),
                                   with("A: b\x01"),
                                   with("A: b\x7f"),
                                   with("A: b\rc"),
                                   with("A: b\nC: d"),
                                   with("A\x80: b"),
                                   std::string("GET / HTTP/1.1\nHost: x\n\n"),
                                   std::string("GET / HTTP/1.1\r\nHost: x\r\n\n"),
                                   std::string("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET / HTTP/1.1 \r\nHost: x\r\n\r\n"),
                                   std::string(" GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET /\r\n\r\n"),
                                   std::string("G\"T / HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET / http/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET / HTTP/1.11\r\nHost: x\r\n\r\n"),
                                   std::string("GET a HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("GET * HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")}) {
    EXPECT_EQ(Refusal(bytes), 400) << bytes;
  }
  EXPECT_EQ(Refusal("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(Refusal("PRI * HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(Refusal(with("Expect: more")), 417);
}

TEST(HttpIntake, HostIsThereOnceAndWellFormed) {
  const auto with = [](const std::string& lines) { return "GET / HTTP/1.1\r\n" + lines + "\r\n"; };
  EXPECT_EQ(Refusal(with("")), 400);
  EXPECT_EQ(Refusal(with("Host: a\r\nHost: a\r\n")), 400);
  EXPECT_EQ(Refusal(with("Host: a/b\r\n")), 400);
  EXPECT_EQ(Refusal(with("Host: u@a\r\n")), 400);
  EXPECT_EQ(Refusal(with("Host: a b\r\n")), 400);
  EXPECT_EQ(Refusal(with("Host: localhost:evil\r\n")), 400);
  EXPECT_EQ(Refusal(with("Host: [::1].evil\r\n")), 400);
  EXPECT_EQ(Refusal("GET http://[::1].evil/ HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
  EXPECT_EQ(TakeAll(with("Host: user1.comcast.com\r\n")).taken.size(), 1U);
  EXPECT_EQ(TakeAll(with("Host: [::1]:5000\r\n")).taken.size(), 1U);
  EXPECT_EQ(TakeAll("GET / HTTP/1.0\r\n\r\n").taken.size(), 1U);
  EXPECT_EQ(Refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST(HttpIntake, AnAbsoluteTargetNamesTheHost) {
  const auto outcome = TakeAll(
      "GET HTTP://shop:80/a?b HTTP/1.1\r\nHost: other\r\n\r\n"
      "GET http://shop?q HTTP/1.1\r\nHost: other\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(outcome.taken.size(), 3U);
  EXPECT_EQ(outcome.taken[0].request.path, "/a");
  EXPECT_EQ(outcome.taken[0].request.query, "b");
  EXPECT_EQ(outcome.taken[0].request.Header("host"), "shop:80");
  EXPECT_EQ(outcome.taken[1].request.path, "/");
  EXPECT_EQ(outcome.taken[1].request.query, "q");
  EXPECT_EQ(outcome.taken[2].request.path, "*");
  for (const std::string target : {"http://", "http:///a", "http://u:p@shop/", "ftp://a/"}) {
    EXPECT_EQ(Refusal("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"), 400) << target;
  }
  EXPECT_EQ(Refusal("GET http://a/ HTTP/1.1\r\n\r\n"), 400);
}

TEST(HttpIntake, BadChunksAreRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string body :
       {"x\r\n", "-1\r\n", " 1\r\na\r\n", "1 x\r\na\r\n", "\r\n", ";a=b\r\n", "1\na\r\n",
        "1\r\nab\r\n", "1\r\na\n", "0\r\nA : b\r\n\r\n", "0\r\n folded\r\n\r\n", "0\r\n\n",
        "1;\x01\r\na\r\n", "1;a=\r\na\r\n", "1;\r\na\r\n", "1;a=\"b\r\na\r\n", "1;\r \r\na\r\n",
        "ffffffffffffffff\r\n", "0x1\r\na\r\n"}) {
    EXPECT_EQ(Refusal(head + body), 400) << body;
  }
  EXPECT_EQ(Refusal(head + "1;" + std::string(kMaxChunkLineBytes, 'e')), 400);
  std::string many;
  for (int i = 0; i < 20; ++i) many += "1;" + std::string(1000, 'e') + "\r\na\r\n";
  EXPECT_EQ(Refusal(head + many), 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 20; ++i) trailers += "T: " + std::string(1000, 't') + "\r\n";
  EXPECT_EQ(Refusal(head + trailers), 400);
}

TEST(HttpIntake, LimitsAreExact) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  const auto sized = [&](std::size_t n) {
    return head + fmt::format("Content-Length: {}\r\n\r\n", n) + std::string(n, 'b');
  };
  EXPECT_EQ(TakeAll(sized(4096)).taken.size(), 1U);
  EXPECT_EQ(Refusal(sized(4097)), 413);
  const auto chunked = [&](std::size_t n) {
    return head + fmt::format("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n{:x}\r\n", n) +
           std::string(n, 'b') + "\r\n0\r\n\r\n";
  };
  EXPECT_EQ(TakeAll(chunked(4095)).taken.size(), 1U);
  EXPECT_EQ(Refusal(chunked(4096)), 413);
  const auto headed = [](std::size_t n) {
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    return start + std::string(n - start.size() - 4, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(TakeAll(headed(8192)).taken.size(), 1U);
  EXPECT_EQ(Refusal(headed(8193)), 431);
  EXPECT_EQ(Refusal(std::string(9000, 'a')), 431);
  std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (std::size_t i = 0; i < kMaxHeaderFields; ++i) fields += "A: b\r\n";
  EXPECT_EQ(Refusal(fields + "\r\n"), 431);
}

TEST(HttpIntake, KeepsAliveAsAsked) {
  const auto stays = [](const std::string& version, const std::string& line) {
    return TakeAll("GET / " + version + "\r\nHost: x\r\n" + line + "\r\n")
        .taken.at(0)
        .traits.keep_alive;
  };
  EXPECT_TRUE(stays("HTTP/1.1", ""));
  EXPECT_FALSE(stays("HTTP/1.1", "Connection: TE, Close\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0", ""));
  EXPECT_TRUE(stays("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(stays("HTTP/1.0", "Connection: keep-alive, close\r\n"));
}

// An independent parser must agree on every request that is taken: a proxy might read it as Beast
// does.
std::string BeastShows(const std::string& bytes, bool& is_good) {
  namespace http = boost::beast::http;
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  const auto used = parser.put(boost::asio::buffer(bytes), error);
  is_good = !error && parser.is_done() && used == bytes.size();
  const auto& message = parser.get();
  std::string out = fmt::format("{} {} {}", std::string_view(message.method_string()),
                                std::string_view(message.target()), message.body());
  for (const auto& field : message) {
    out += fmt::format("{}={};", std::string_view(field.name_string()),
                       std::string_view(field.value()));
  }
  return out;
}

TEST(HttpIntake, AgreesWithBeastOnEveryMutatedRequestItTakes) {
  int agreed = 0;
  // Beast lists trailers among the headers; HttpIntake drops them.
  const std::string chunked = kChunked.substr(0, kChunked.find("Trailer: t")) + "\r\n";
  for (const auto& seed : {chunked, kLengthy, kPlain}) {
    for (std::size_t at = 0; at < seed.size(); ++at) {
      for (const char byte : std::string_view("\0\t\n\r ,0:;aA\x7f\x80\xff", 14)) {
        std::string bytes = seed;
        bytes[at] = byte;
        const auto mine = TakeAll(bytes);
        if (mine.taken.size() != 1 || mine.refused != 0 || mine.is_within_request) continue;
        const auto& request = mine.taken[0].request;
        bool is_good = false;
        const auto theirs = BeastShows(bytes, is_good);
        std::string ours = request.method + " " + request.target + " " + request.body;
        for (const auto& [name, value] : request.headers) ours += name + "=" + value + ";";
        EXPECT_TRUE(is_good) << bytes;
        EXPECT_EQ(ours, theirs) << bytes;
        ++agreed;
      }
    }
  }
  EXPECT_GT(agreed, 200);
}

TEST(HttpIntake, FreesTheMemoryOfTakenAndForgottenRequests) {
  HttpIntake intake({.max_header_bytes = 32 << 10, .max_body_bytes = 1 << 20});
  const auto feed = [&](std::string_view bytes) {
    while (!bytes.empty()) {
      const auto room = intake.Room();
      const auto n = std::min(room.size(), bytes.size());
      std::copy_n(bytes.data(), n, room.data());
      intake.Commit(n);
      bytes.remove_prefix(n);
    }
  };
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
  feed(head + std::string(100'000, 'x'));
  EXPECT_GE(intake.memory_bytes(), 100'000U);
  EXPECT_EQ(intake.Take().request.body.size(), 100'000U);
  intake.Room();
  EXPECT_LE(intake.memory_bytes(), 2 * kReadBufferBytes);
  feed(head + std::string(60'000, 'x'));
  intake.Forget();
  EXPECT_LE(intake.memory_bytes(), kReadBufferBytes);
}

}  // namespace
}  // namespace st::net
