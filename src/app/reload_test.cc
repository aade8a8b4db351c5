// Tests that a reload replaces the whole project: each answer belongs to one version of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <nlohmann/json.hpp>

#include "app/server.h"
#include "net/http_client.h"
#include "os/thread.h"

namespace st::app {
namespace {

using ::testing::HasSubstr;

// Two projects that differ in everything that a request can see, and a server on one of them. The
// project's folder is a symbolic link, so that a reload reads one of them as a whole.
class Reload : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_reload_XXXXXX";
    dir_ = ::mkdtemp(pattern);
    WriteProject("red", 1);
    WriteProject("blue", 2);
    Choose("red");
    config_.project = dir_ + "/project";
    config_.data_dir = dir_ + "/data";
    for (auto* address : {&config_.http_listen, &config_.kafka_listen, &config_.sql_listen,
                          &config_.catalog_listen}) {
      *address = "127.0.0.1:0";
    }
    auto server = Server::Start({*fs_, *clock_, *random_}, config_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }
  void TearDown() override {
    server_.reset();
    if (!HasFailure()) std::filesystem::remove_all(dir_);
  }

  // Each colour has its own price of a sword, which no reply shows.
  void WriteProject(const std::string& color, int price) {
    const std::string folder = dir_ + "/" + color;
    std::filesystem::create_directories(folder + "/events");
    std::ofstream(folder + "/events/wave.toml")
        << "name = \"wave\"\nroute = \"GET /wave\"\nreply = \"" << color
        << "\"\ntable = false\n[fields]\nevent_type = \"wave\"\n";
    std::ofstream(folder + "/events/own.toml")
        << "name = \"own\"\nroute = \"GET /event_of_" << color
        << "\"\nreply = \"\"\ntable = false\n[fields]\nevent_type = \"own\"\n";
    std::ofstream(folder + "/game.toml")
        << "kinds = [\"weapon\"]\nrarities = [\"common\"]\n[players]\ncoins = 1000000\n"
        << "[items.sword]\nkind = \"weapon\"\nrarity = \"common\"\ndescription = \"" << color
        << "\"\nprice = " << price << "\n"
        << "[[alias]]\nroute = \"GET /buy\"\naction = \"purchase\"\nitem = \"sword\"\nreply = \""
        << color << "\"\n"
        << "[[alias]]\nroute = \"GET /alias_of_" << color
        << "\"\naction = \"visit\"\nreply = \"\"\n";
  }
  void Choose(const std::string& color) {
    std::filesystem::remove(dir_ + "/next");
    std::filesystem::create_directory_symlink(dir_ + "/" + color, dir_ + "/next");
    std::filesystem::rename(dir_ + "/next", dir_ + "/project");
  }
  net::ClientReply Get(const std::string& target, const std::string& host = "ann") const {
    const auto reply = net::Fetch(server_->endpoints().at("http"),
                                  {.method = "GET", .target = target, .headers = {{"Host", host}}},
                                  {.timeout_us = 20'000'000});
    EXPECT_TRUE(reply) << target << ": " << reply.error().message();
    return reply.value_or(net::ClientReply());
  }
  std::int64_t Coins(const std::string& player) const {
    const auto body =
        nlohmann::json::parse(Get("/players/" + player, "localhost").body, nullptr, false);
    return body.value("coins", std::int64_t{-1});
  }

  // Checks that the paths of events and of the game in the OpenAPI document are of one project.
  void CheckDocument() const {
    const auto document = Get("/openapi.json", "localhost").body;
    int found = 0;
    for (const std::string color : {"red", "blue"}) {
      const bool has_event = document.contains("/event_of_" + color);
      EXPECT_EQ(has_event, document.contains("/alias_of_" + color)) << document;
      found += has_event ? 1 : 0;
    }
    EXPECT_EQ(found, 1) << document;
  }
  // Buys a sword, and checks that the reply's colour and the price that the rules charged are of
  // one project.
  void CheckPurchase(const std::string& player, std::int64_t& coins) const {
    const auto color = Get("/buy", player).body;
    const auto left = Coins(player);
    EXPECT_EQ(coins - left, color == "red" ? 1 : 2) << color;
    coins = left;
  }
  void CheckRoutes() const {
    const auto other = Get("/nowhere").body;
    EXPECT_THAT(other, HasSubstr("no_route"));
    const auto color = Get("/wave").body;
    EXPECT_TRUE(color == "red" || color == "blue") << color;
  }

  std::string dir_;
  Config config_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<Server> server_;
};

TEST_F(Reload, EachAnswerBelongsToOneProject) {
  constexpr int kReloads = 40;
  std::atomic<bool> is_done = false;
  std::atomic<int> rounds = 0;
  std::vector<os::Thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back("client", [this, i, &is_done, &rounds] {
      const std::string player = fmt::format("player{}", i);
      EXPECT_NE(Get("/buy", player).body, "");
      std::int64_t coins = Coins(player);
      while (!is_done && !HasFailure()) {
        CheckDocument();
        CheckPurchase(player, coins);
        CheckRoutes();
        ++rounds;
      }
    });
  }
  for (int i = 0; i < kReloads; ++i) {
    Choose(i % 2 == 0 ? "blue" : "red");
    const auto reloaded = server_->Reload();
    ASSERT_TRUE(reloaded) << reloaded.error().message();
    EXPECT_EQ(Get("/wave").body, i % 2 == 0 ? "blue" : "red") << "a reload is served at once";
  }
  is_done = true;
  for (auto& client : clients) client.Join();
  EXPECT_GE(rounds, 3);
}

TEST_F(Reload, KeepsTheProjectAfterAMistakeAndSaysWhy) {
  std::ofstream(dir_ + "/blue/game.toml") << "kind = 1\n";
  Choose("blue");
  const auto reloaded = server_->Reload();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message(), HasSubstr("game.toml:1:1: unknown key \"kind\""));
  EXPECT_EQ(Get("/wave").body, "red");
  EXPECT_EQ(Get("/buy").body, "red");
  EXPECT_THAT(Get("/openapi.json", "localhost").body, HasSubstr("/event_of_red"));
}

// Each thread goes on until the server stops under it.
TEST_F(Reload, StopsWhileItIsReadWrittenAndReloaded) {
  std::latch begun(5);
  std::atomic<bool> is_stopping = false;
  // Sends to a port again and again; an answer is whole, and missing only once the server stops.
  const auto ask = [&](const std::string& port, const net::ClientRequest& request) {
    for (int round = 0;; ++round) {
      const auto reply =
          net::Fetch(server_->endpoints().at(port), request, {.timeout_us = 20'000'000});
      if (!reply) EXPECT_TRUE(is_stopping) << reply.error().message();
      if (round == 0) begun.count_down();
      if (!reply) return;
      if (!is_stopping) EXPECT_EQ(reply->status, 200) << request.target << reply->body;
    }
  };
  std::vector<os::Thread> threads;
  for (const std::string player : {"ann", "bob"}) {
    threads.emplace_back("buyer", [&ask, player] {
      ask("http", {.method = "GET", .target = "/buy", .headers = {{"Host", player}}});
    });
  }
  threads.emplace_back("scraper", [&] { ask("sql", {.method = "GET", .target = "/metrics"}); });
  threads.emplace_back("analyst", [&] {
    ask("sql", {.method = "POST",
                .target = "/v1/statement",
                .headers = {{"X-Trino-User", "ann"}},
                .body = "show schemas"});
  });
  threads.emplace_back("reloader", [&] {
    for (int round = 0;; ++round) {
      Choose(round % 2 == 0 ? "blue" : "red");
      const auto reloaded = server_->Reload();
      if (round == 0) begun.count_down();
      if (reloaded) continue;
      EXPECT_EQ(reloaded.error().code(), ErrorCode::kShutdown) << reloaded.error().message();
      return;
    }
  });
  begun.wait();
  is_stopping = true;
  server_->Stop(20'000'000);
  for (auto& thread : threads) thread.Join();
}

}  // namespace
}  // namespace st::app
