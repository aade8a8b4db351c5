// A million players with ten item stacks each, by commands with keys: game_service_bench PROJECT
//
// Writes the log, the keys and the snapshots of PROJECT/.steelthread, which a server made before,
// as that server would: bench/game_state.py starts one on it afterwards. Items are item0, item1, …
#include <chrono>
#include <cstdio>

#include "base/check.h"
#include "base/mutex.h"
#include "game_service/game_service.h"
#include "os/file_system.h"

namespace {

using st::game_service::GameResult;
using st::game_service::GameService;

constexpr int kPlayers = 1'000'000;
constexpr int kStacks = 10;
constexpr int kItems = 200;
constexpr int kInHand = 4'000;

// Submits commands, a limited number at a time. The program ends at the first refusal.
class Crowd {
 public:
  Crowd(GameService& service, st::game_service::GameRules rules,
        const st::idempotency::KeyHasher& hasher)
      : service_(service),
        rules_(std::move(rules)),
        request_(hasher.OfRequest({.method = "POST", .target = "/", .body = ""})) {}
  void Do(st::game::Command command) {
    const st::game_service::CommandKey key{.key = fmt::format("bench-{}", next_key_++),
                                           .request = request_};
    {
      st::MutexLock lock(mu_);
      while (in_hand_ >= kInHand) wake_.WaitFor(mu_, std::chrono::seconds(1));
      ++in_hand_;
    }
    service_.Submit(rules_, std::move(command), key, [this](const st::Result<GameResult>& result) {
      ST_CHECK(result.has_value());
      ST_CHECK(result->reply.status < 300);
      st::MutexLock lock(mu_);
      --in_hand_;
      wake_.NotifyOne();
    });
  }
  void Wait() {
    st::MutexLock lock(mu_);
    while (in_hand_ > 0) wake_.WaitFor(mu_, std::chrono::seconds(1));
  }

 private:
  GameService& service_;
  const st::game_service::GameRules rules_;
  const st::idempotency::Hash128 request_;
  std::int64_t next_key_ = 0;
  st::Mutex mu_;
  st::CondVar wake_;
  int in_hand_ ST_GUARDED_BY(mu_) = 0;
};

void Play(GameService& service, st::game_service::GameRules rules,
          const st::idempotency::KeyHasher& hasher) {
  Crowd crowd(service, std::move(rules), hasher);
  for (int i = 0; i < kPlayers; ++i) {
    const std::string player = fmt::format("user{}.comcast.com", i);
    crowd.Do(st::game::CreatePlayer{player});
    for (int stack = 0; stack < kStacks; ++stack) {
      const std::string item = fmt::format("item{}", (i * 7 + stack * 13) % kItems);
      crowd.Do(st::game::AddToCart{player, {item, 1 + i % 50}});
    }
    crowd.Do(st::game::Checkout{player});
  }
  crowd.Wait();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: game_service_bench PROJECT\n");
    return 2;
  }
  const std::string project = argv[1];
  const std::string data = project + "/.steelthread";
  const auto fs = st::os::MakePosixFileSystem();
  const auto clock = st::os::MakeSystemClock();
  const auto random = st::os::MakeSystemRandom();
  const auto text = st::os::ReadWholeFile(*fs, project + "/game.toml", 1 << 20).value();
  const auto rules = std::make_shared<const st::game::Catalogue>(
      st::game::ParseCatalogue(text, "game.toml").value());
  auto log = st::log::LocalLog::Open({*fs, *clock, *random}, {.dir = data + "/log"}).value();
  auto answers =
      st::idempotency::KeyStore::Open({*fs, *clock, *random}, *log, {.dir = data + "/answers"})
          .value();
  auto service = GameService::Open({*fs, *clock, *random}, *log, *answers,
                                   {.dir = data + "/game", .snapshot_events = 100'000});
  if (!service) {
    std::fprintf(stderr, "%s\n", service.error().message().c_str());
    return 1;
  }
  (*service)->Start();
  const std::int64_t began_us = clock->MonotonicUs();
  Play(**service, rules, answers->hasher());
  const double seconds = static_cast<double>(clock->MonotonicUs() - began_us) / 1e6;
  const auto status = (*service)->status();
  std::printf("{\"players\": %llu, \"records\": %lld, \"seconds\": %.1f, \"snapshot\": %lld}\n",
              static_cast<unsigned long long>(status.players),
              static_cast<long long>(status.next_offset), seconds,
              static_cast<long long>(status.snapshot_offset));
  (*service)->Stop();
  log->Stop();
  answers->Stop();
  return 0;
}
