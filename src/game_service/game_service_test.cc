#include "game_service/game_service.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "game/testing.h"
#include "game_service/limits.h"
#include "log/testing.h"

namespace st::game_service {
namespace {

using Json = nlohmann::json;

class GameServiceTest : public ::testing::Test {
 protected:
  // Names of the finished ones, oldest first.
  std::vector<std::string> Snapshots() {
    auto names = fs_->List("/game").value();
    std::erase_if(names, [](const auto& name) { return !name.starts_with("snapshot-"); });
    return names;
  }
  GameServiceTest() { Open(); }
  ~GameServiceTest() override { Close(); }

  void Close() {
    if (service_) service_->Stop();
    service_.reset();
    if (log_) log_->Stop();
    answers_.reset();
    log_.reset();
  }
  void Open() {
    Close();
    log_ =
        log::LocalLog::Open({*fs_, clock_, *random_},
                            {.dir = "/log", .allocate_chunk_bytes = 64 << 10, .reserve_bytes = 0})
            .value();
    answers_ =
        idempotency::KeyStore::Open({*fs_, clock_, *random_}, *log_, {.dir = "/answers"}).value();
    auto service = GameService::Open({*fs_, clock_, *random_, &registry_}, *log_, *answers_,
                                     {.dir = "/game", .snapshot_events = snapshot_events_});
    ASSERT_TRUE(service) << service.error().message();
    service_ = std::move(*service);
    if (has_thread_) service_->Start();
  }

  std::future<Result<GameResult>> Send(game::Command command, const std::string& key = "",
                                       const std::string& body = "") {
    auto promise = std::make_shared<std::promise<Result<GameResult>>>();
    auto result = promise->get_future();
    const auto request =
        answers_->hasher().OfRequest({.method = "POST", .target = "/", .body = body});
    service_->Submit(rules_, std::move(command), {.key = key, .request = request},
                     [promise](const Result<GameResult>& r) { promise->set_value(r); });
    return result;
  }
  Result<GameResult> Do(game::Command command, const std::string& key = "",
                        const std::string& body = "") {
    return Send(std::move(command), key, body).get();
  }
  Json Look(game::Query query, std::optional<GameMoment> moment = std::nullopt) {
    std::promise<Result<GameResult>> promise;
    const auto done = [&promise](const Result<GameResult>& r) { promise.set_value(r); };
    if (moment) {
      service_->ReadAsOf(rules_, std::move(query), *moment, done);
    } else {
      service_->Read(rules_, std::move(query), done);
    }
    const auto result = promise.get_future().get();
    if (!result) return Json{{"error", result.error().message()}};
    return Json::parse(result->reply.body);
  }
  std::int64_t Coins(const std::string& player, std::optional<GameMoment> moment = std::nullopt) {
    const auto wallet = Look(game::ReadWallet{player}, moment);
    return wallet.contains("coins") ? wallet["coins"].get<std::int64_t>() : -1;
  }
  static std::shared_ptr<const game::Catalogue> Rules(
      std::string_view rules = game::testing::kRules) {
    return std::make_shared<const game::Catalogue>(
        game::ParseCatalogue(rules, "game.toml").value());
  }
  std::int64_t Counted(const std::string& name) { return registry_.Counter(name, "").value(); }
  std::int64_t Records() {
    return log_->EndOffset({.topic = log_->FindTopic("game")->id, .partition = PartitionId(0)})
        .value();
  }
  // Buys `count` of an item for a player, by cart and checkout.
  Result<GameResult> Buy(const std::string& player, const std::string& item,
                         const std::string& key = "") {
    EXPECT_TRUE(Do(game::AddToCart{player, {item, 1}}));
    return Do(game::Checkout{player}, key);
  }

  MetricRegistry registry_;
  std::int64_t snapshot_events_ = 1'000'000;
  bool has_thread_ = true;
  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(3);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<idempotency::KeyStore> answers_;
  std::unique_ptr<GameService> service_;
  GameRules rules_ = Rules();  // of the next task
};

TEST_F(GameServiceTest, ACommandIsOneBatchAndItsStateIsRead) {
  EXPECT_EQ(Do(game::CreatePlayer{"ann"})->reply.status, 201);
  EXPECT_EQ(Coins("ann"), 100);
  const auto bought = Buy("ann", "sword");
  ASSERT_TRUE(bought) << bought.error().message();
  EXPECT_LT(bought->reply.status, 300);
  EXPECT_EQ(Coins("ann"), 70);
  EXPECT_EQ(bought->position->ToString(), "game/0:2");
  EXPECT_GT(Records(), 3);
  EXPECT_EQ(Do(game::CreatePlayer{"ann"})->reply.status, 409);
}

TEST_F(GameServiceTest, AKeyIsAnsweredAsAtFirstOverRestarts) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  const auto first = Do(game::GrantCoins{"ann", 5, {}}, "k");
  const auto records = Records();
  for (int i = 0; i < 2; ++i) {
    const auto again = Do(game::GrantCoins{"ann", 5, {}}, "k");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->reply.body, first->reply.body);
    EXPECT_EQ(again->reply.status, first->reply.status);
    EXPECT_EQ(again->position, first->position);
    EXPECT_EQ(Records(), records);
    EXPECT_EQ(Coins("ann"), 105);
    Open();
  }
  EXPECT_EQ(Do(game::GrantCoins{"ann", 6, {}}, "k", "other").error().code(),
            ErrorCode::kAlreadyExists);
}

TEST_F(GameServiceTest, ARefusalUnderAKeyIsRememberedAndChangesNothing) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  const auto refused = Do(game::SpendCoins{"ann", 500, {}}, "k");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reply.status, 409);
  ASSERT_TRUE(Do(game::GrantCoins{"ann", 1000, {}}));
  const auto again = Do(game::SpendCoins{"ann", 500, {}}, "k");
  EXPECT_EQ(again->reply.body, refused->reply.body);
  EXPECT_EQ(again->reply.status, 409);
  EXPECT_EQ(Coins("ann"), 1100);
  Open();
  EXPECT_EQ(Do(game::SpendCoins{"ann", 500, {}}, "k")->reply.body, refused->reply.body);
  EXPECT_EQ(Coins("ann"), 1100);
}

TEST_F(GameServiceTest, ThePastIsReadAsItWas) {
  EXPECT_EQ(Coins("ann", Offset(-1)), -1);
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  const std::int64_t created_ms = clock_.NowUs() / 1000;
  clock_.Advance(5'000'000);
  const auto bought = Buy("ann", "sword");
  EXPECT_EQ(Coins("ann", Offset(0)), 100);
  EXPECT_EQ(Coins("ann", Offset(bought->position->offset.value() - 1)), 100);
  EXPECT_EQ(Coins("ann", bought->position->offset), 70);
  EXPECT_EQ(Coins("ann", GameTime{created_ms - 1}), -1);
  EXPECT_EQ(Coins("ann", GameTime{created_ms}), 100);
  const std::int64_t now_ms = clock_.NowUs() / 1000;
  EXPECT_EQ(Coins("ann", GameTime{now_ms}), 70);
  EXPECT_EQ(Look(game::ReadWallet{"ann"}, GameTime{now_ms + 60'001}).at("error"),
            "\"as_of\": the time is 60.001 s after the server's: want an earlier one, or leave it "
            "out to read the present");
  clock_.Advance(-1'000'000);
  EXPECT_EQ(Coins("ann", GameTime{now_ms}), 70) << "a record has that time";
  EXPECT_NE(Look(game::ReadWallet{"ann"}, Offset(1000))
                .at("error")
                .get<std::string>()
                .find("is after the log's end"),
            std::string::npos);
}

TEST_F(GameServiceTest, SnapshotsShortenTheReplayAndADamagedOneIsPassedOver) {
  snapshot_events_ = 50;
  Open();
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(Do(game::GrantCoins{"ann", 1, {}}));
    const auto want = service_->status().next_offset - 50;
    // The owner writes a part of the snapshot in each step; commands are executed meanwhile.
    std::int64_t granted = 0;
    while (service_->status().snapshot_offset < want) {
      clock_.Advance(1'000'000);
      ASSERT_TRUE(Do(game::GrantCoins{"ann", 1, {}}));
      ++granted;
      ASSERT_LT(granted, 10'000);
    }
  }
  const auto coins = Coins("ann");
  Open();
  EXPECT_EQ(Coins("ann"), coins);
  EXPECT_GT(service_->status().snapshot_offset, 0);
  Close();
  const auto name = Snapshots().back();
  auto bytes = os::ReadWholeFile(*fs_, os::JoinPath("/game", name)).value();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_TRUE(os::WriteFileAtomically(*fs_, os::JoinPath("/game", name), bytes));
  Open();
  EXPECT_EQ(Coins("ann"), coins);
  EXPECT_EQ(service_->status().notices.size(), 1U);
}

TEST_F(GameServiceTest, FoldersAndFilesInEachOthersPlaceAreSetAside) {
  Open();
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  Close();
  ASSERT_TRUE(fs_->CreateDirs("/game/unfinished"));
  Open();
  ASSERT_TRUE(Do(game::GrantCoins{"ann", 1, {}}));
  Close();
  ASSERT_TRUE(fs_->Rename("/game", "/moved"));
  ASSERT_TRUE(os::WriteNewFile(*fs_, "/game", "no folder"));
  Open();
  EXPECT_EQ(Coins("ann"), 101);
  ASSERT_EQ(service_->status().notices.size(), 1U);
  EXPECT_TRUE(service_->status().notices[0].contains("/game.aside-1"));
}

TEST_F(GameServiceTest, ASnapshotIsNoOthersAndOneThatTheLogDoesNotFollowIsPassedOver) {
  snapshot_events_ = 50;
  Open();
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  while (Snapshots().size() < 2 || service_->status().snapshot_offset < 150) {
    clock_.Advance(1'000'000);
    ASSERT_TRUE(Do(game::GrantCoins{"ann", 1, {}}));
    ASSERT_LT(Records(), 20'000);
  }
  const auto coins = Coins("ann");
  Close();
  const auto names = Snapshots();
  const auto older =
      os::ReadWholeFile(*fs_, os::JoinPath("/game", names[names.size() - 2])).value();
  ASSERT_TRUE(os::WriteFileAtomically(*fs_, os::JoinPath("/game", names.back()), older));
  Open();
  EXPECT_EQ(Coins("ann"), coins);
  ASSERT_EQ(service_->status().notices.size(), 1U);
  EXPECT_NE(service_->status().notices[0].find(names.back()), std::string::npos);
}

TEST_F(GameServiceTest, ConcurrentBuyersOfTheLastOneGetOne) {
  constexpr int kPlayers = 64;
  for (int i = 0; i < kPlayers; ++i) {
    ASSERT_TRUE(Do(game::CreatePlayer{"p" + std::to_string(i)}));
    ASSERT_TRUE(Do(game::AddToCart{"p" + std::to_string(i), {"crown", 1}}));
  }
  std::vector<std::future<Result<GameResult>>> all;
  for (int i = 0; i < kPlayers; ++i) {
    all.push_back(Send(game::Checkout{"p" + std::to_string(i)}, "k" + std::to_string(i)));
  }
  int bought = 0;
  for (auto& one : all) bought += one.get()->reply.status < 300 ? 1 : 0;
  EXPECT_EQ(bought, 1);
  std::int64_t coins = 0;
  for (int i = 0; i < kPlayers; ++i) coins += Coins("p" + std::to_string(i));
  EXPECT_EQ(coins, kPlayers * 100 - 50);
}

TEST_F(GameServiceTest, AfterAFullDiskTheStateIsWhatTheLogHas) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  fs_->SetFreeBytes(0);
  int refused = 0;
  int stored = 0;
  for (int i = 0; i < 3000 && refused < 5; ++i) {
    const auto result =
        Do(game::GrantCoins{"ann", 1, std::string(200, 'x')}, "k" + std::to_string(i));
    result ? ++stored : ++refused;
  }
  EXPECT_GT(refused, 0);
  fs_->SetFreeBytes(std::uint64_t{1} << 40);
  auto result = Do(game::GrantCoins{"ann", 1000, {}});
  while (!result) {
    clock_.Advance(100'000);
    result = Do(game::GrantCoins{"ann", 1000, {}});
  }
  EXPECT_EQ(Coins("ann"), 100 + stored + 1000);
  Open();
  EXPECT_EQ(Coins("ann"), 100 + stored + 1000);
}

TEST_F(GameServiceTest, AFullDiskCostsFewRebuildsAndReadsGoOn) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  fs_->SetFreeBytes(0);
  int stored = 0;
  int refused = 0;
  for (int i = 0; i < 20'000 && refused < 200; ++i) {
    Do(game::GrantCoins{"ann", 1, std::string(200, 'x')}) ? ++stored : ++refused;
    while (!service_->status().accepts_commands) std::this_thread::yield();
  }
  EXPECT_EQ(refused, 200);
  EXPECT_EQ(Coins("ann"), 100 + stored) << Look(game::ReadWallet{"ann"});
  EXPECT_LT(Counted("steelthread_game_rebuilds_total"), 10);
}

TEST_F(GameServiceTest, AQueueThatOthersFillCostsACommandAndNoRebuild) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  auto others = log_->ReserveQueue(log::LogOptions().max_queued_bytes - 10).value();
  const auto records = Records();
  const auto refused = Do(game::GrantCoins{"ann", 5, {}}, "k");
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Coins("ann"), 100);
  EXPECT_TRUE(service_->status().accepts_commands);
  others.reset();
  EXPECT_TRUE(Do(game::GrantCoins{"ann", 5, {}}, "k")) << "the key was left free";
  EXPECT_EQ(Coins("ann"), 105);
  EXPECT_EQ(Records(), records + 1);
  EXPECT_EQ(Counted("steelthread_game_rebuilds_total"), 0);
}

TEST_F(GameServiceTest, NewRulesHoldForWhatComesAfter) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  ASSERT_TRUE(Buy("ann", "sword"));
  std::string rules(game::testing::kRules);
  rules.replace(rules.find("price = 30"), 10, "price = 31");
  rules_ = Rules(rules);
  ASSERT_TRUE(Buy("ann", "sword"));
  EXPECT_EQ(Coins("ann"), 100 - 30 - 31);
  EXPECT_EQ(Look(game::ReadItem{"sword"})["price"], 31);
  EXPECT_EQ(Look(game::ReadItem{"sword"}, Offset(0))["price"], 31) << "of today, as documented";
}

TEST_F(GameServiceTest, AReadOfThePastThatTakesTooLongIsEnded) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  clock_.SetTick(kHistoryReadUs + 1);
  std::promise<Result<GameResult>> promise;
  service_->ReadAsOf(rules_, game::ReadWallet{"ann"}, Offset(0),
                     [&promise](const Result<GameResult>& r) { promise.set_value(r); });
  EXPECT_EQ(promise.get_future().get().error().code(), ErrorCode::kDeadline);
  clock_.SetTick(0);
  EXPECT_EQ(Coins("ann", Offset(0)), 100);
}

TEST_F(GameServiceTest, AfterAFailedSyncTheOutcomeIsUnknownUntilTheLogIsReopened) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}, "first"));
  fs_->SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  EXPECT_EQ(Do(game::GrantCoins{"ann", 5, {}}, "unsure").error().code(),
            ErrorCode::kOutcomeUnknown);
  fs_->SetHook({});
  EXPECT_EQ(Do(game::GrantCoins{"ann", 7, {}}, "later").error().code(), ErrorCode::kIo);
  // No read shows a state that may never be stored.
  EXPECT_TRUE(Look(game::ReadWallet{"ann"}).contains("error"));
  EXPECT_FALSE(service_->status().accepts_commands);
  Open();
  const std::int64_t coins = Coins("ann");
  EXPECT_TRUE(coins == 100 || coins == 105) << coins;
  EXPECT_TRUE(Do(game::GrantCoins{"ann", 5, {}}, "unsure"));
  EXPECT_TRUE(Do(game::GrantCoins{"ann", 7, {}}, "later"));
  EXPECT_EQ(Coins("ann"), 112);
}

// Steps until the service is in this phase.
void StepUntil(GameService& service, Phase want, std::int64_t now_us) {
  constexpr int kMostSteps = 100'000;
  for (int i = 0; i < kMostSteps; ++i) {
    const auto report = service.Step(now_us);
    ASSERT_TRUE(report) << report.error().message();
    if (report->phase == want) return;
    std::this_thread::yield();
  }
  FAIL() << "the phase did not come";
}

TEST_F(GameServiceTest, AStepExecutesWhatIsQueuedButNothingBehindAnUnconfirmedFirstBatch) {
  has_thread_ = false;
  Open();
  std::promise<void> may_sync;
  auto synced = may_sync.get_future().share();
  fs_->SetHook([synced](const std::string& step, const std::string&) -> Status {
    if (step == "sync") synced.wait();
    return {};
  });
  auto created = Send(game::CreatePlayer{"ann"});
  auto granted = Send(game::GrantCoins{"ann", 5, {}});
  auto spent = Send(game::SpendCoins{"ann", 3, {}});
  const auto first = service_->Step(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->tasks, 1U);
  EXPECT_EQ(first->phase, Phase::kConfirming);
  EXPECT_EQ(service_->Step(0)->tasks, 0U);
  may_sync.set_value();
  EXPECT_EQ(created.get()->reply.status, 201);
  const auto second = service_->Step(0);
  EXPECT_EQ(second->tasks, 2U);
  EXPECT_EQ(second->phase, Phase::kReady);
  EXPECT_EQ(granted.get()->position->offset, Offset(1));
  EXPECT_EQ(spent.get()->position->offset, Offset(2));
}

TEST_F(GameServiceTest, FailedAppendsInARowLeadToABackOffThatTimeEnds) {
  has_thread_ = false;
  Open();
  const auto grant = [this] {
    auto granted = Send(game::GrantCoins{"ann", 1, std::string(200, 'x')});
    EXPECT_TRUE(service_->Step(clock_.MonotonicUs()));
    return granted.get();
  };
  auto created = Send(game::CreatePlayer{"ann"});
  StepUntil(*service_, Phase::kReady, clock_.MonotonicUs());
  ASSERT_TRUE(created.get());
  fs_->SetFreeBytes(0);
  for (int i = 0; i < 20'000 && grant(); ++i) {
  }
  StepUntil(*service_, Phase::kReady, clock_.MonotonicUs());
  EXPECT_FALSE(grant()) << "the disk is still full";
  StepUntil(*service_, Phase::kBackingOff, clock_.MonotonicUs());
  EXPECT_EQ(Send(game::GrantCoins{"ann", 1, {}}).get().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(service_->Step(clock_.MonotonicUs() + 99'999)->phase, Phase::kBackingOff);
  EXPECT_EQ(service_->Step(clock_.MonotonicUs() + 100'000)->phase, Phase::kReady);
}

TEST_F(GameServiceTest, StopAnswersWhatIsQueuedWithoutAThread) {
  has_thread_ = false;
  Open();
  auto created = Send(game::CreatePlayer{"ann"});
  auto granted = Send(game::GrantCoins{"ann", 5, {}});
  service_->Stop();
  EXPECT_TRUE(created.get());
  EXPECT_EQ(granted.get()->position->offset, Offset(1));
  EXPECT_EQ(Send(game::GrantCoins{"ann", 5, {}}).get().error().code(), ErrorCode::kShutdown);
  EXPECT_EQ(service_->Step(0)->phase, Phase::kStopped);
}

TEST_F(GameServiceTest, CommandsAreCountedByOutcome) {
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}, "k"));
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}, "k"));
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  ASSERT_TRUE(Do(game::SpendCoins{"ann", 1000, {}}, "l"));
  const auto count = [this](const std::string& outcome) {
    return registry_.Counter("steelthread_game_commands_total", "", "outcome=\"" + outcome + "\"")
        .value();
  };
  EXPECT_EQ(count("done"), 1);
  EXPECT_EQ(count("repeated"), 1);
  EXPECT_EQ(count("refused"), 2);
  EXPECT_EQ(count("failed"), 0);
}

TEST_F(GameServiceTest, RefusesALogWithAnEventOfANewerProgram) {
  Open();
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}));
  service_->Stop();
  const auto appended = log::testing::AppendAndWait(
      *log_, {.topic = log_->FindTopic("game")->id, .partition = PartitionId(0)},
      log::testing::Batch({R"({"event_type": "fly", "player": "ann"})"}));
  ASSERT_TRUE(appended) << appended.error().message();
  const auto reopened = GameService::Open({*fs_, clock_, *random_, &registry_}, *log_, *answers_,
                                          {.dir = "/game", .snapshot_events = snapshot_events_});
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(reopened.error().message(),
            "topic game, offset 1: event \"fly\" was written by a newer steelthread: start that "
            "version or a newer one");
}

TEST_F(GameServiceTest, WhateverPowerLossTakesEachKeyActsOnce) {
  constexpr int kGrants = 60;
  snapshot_events_ = 40;
  Open();
  ASSERT_TRUE(Do(game::CreatePlayer{"ann"}, "create"));
  for (int round = 1; round <= 12; ++round) {
    const auto key = [round](int i) { return fmt::format("{}-{}", round, i); };
    std::vector<std::future<Result<GameResult>>> all;
    std::map<int, std::string> acknowledged;
    std::unique_ptr<os::testing::MemoryFileSystem> crashed;
    for (int i = 0; i < kGrants; ++i) {
      all.push_back(Send(game::GrantCoins{"ann", 1, {}}, key(i)));
      if (i != kGrants * round / 13) continue;
      // Commands that were answered before the power loss must be there after it.
      for (int done = 0; done < i / 2; ++done) {
        acknowledged[done] = all[static_cast<std::size_t>(done)].get()->reply.body;
      }
      crashed = fs_->Crash(*random_);
    }
    Close();
    all.clear();
    fs_ = std::move(crashed);
    Open();
    for (int i = 0; i < kGrants; ++i) {
      const auto records = Records();
      const auto again = Do(game::GrantCoins{"ann", 1, {}}, key(i));
      ASSERT_TRUE(again) << again.error().message();
      if (!acknowledged.contains(i)) continue;
      EXPECT_EQ(again->reply.body, acknowledged[i]);
      EXPECT_EQ(Records(), records);
    }
    ASSERT_EQ(Coins("ann"), 100 + round * kGrants);
  }
}

}  // namespace
}  // namespace st::game_service
