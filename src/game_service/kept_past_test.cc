// Reads of a past whose records were removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "game/testing.h"
#include "game_service/game_service.h"
#include "log/record_removal.h"
#include "log/testing.h"

namespace st::game_service {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class KeptPast : public ::testing::Test {
 protected:
  KeptPast() { Open(); }
  ~KeptPast() override { Close(); }

  void Close() {
    if (service_) service_->Stop();
    service_.reset();
    if (log_) log_->Stop();
    answers_.reset();
    log_.reset();
  }
  Status TryOpen() {
    Close();
    log_ =
        log::LocalLog::Open({*fs_, clock_, *random_},
                            {.dir = "/log", .allocate_chunk_bytes = 64 << 10, .reserve_bytes = 0})
            .value();
    answers_ =
        idempotency::KeyStore::Open({*fs_, clock_, *random_}, *log_, {.dir = "/answers"}).value();
    auto service = GameService::Open({*fs_, clock_, *random_}, *log_, *answers_,
                                     {.dir = "/game", .snapshot_events = 50});
    if (!service) return std::unexpected(service.error());
    service_ = std::move(*service);
    service_->Start();
    return {};
  }
  void Open() {
    const auto opened = TryOpen();
    ASSERT_TRUE(opened) << opened.error().message();
  }
  void Do(game::Command command) {
    std::promise<Result<GameResult>> done;
    const auto request =
        answers_->hasher().OfRequest({.method = "POST", .target = "/", .body = ""});
    service_->Submit(rules_, std::move(command), {.key = "", .request = request},
                     [&](const Result<GameResult>& result) { done.set_value(result); });
    ASSERT_TRUE(done.get_future().get());
  }
  // The player's coins then.
  Result<std::int64_t> Coins(const GameMoment& moment) {
    std::promise<Result<GameResult>> done;
    service_->ReadAsOf(rules_, game::ReadWallet{"ann"}, moment,
                       [&](const Result<GameResult>& result) { done.set_value(result); });
    const auto result = done.get_future().get();
    if (!result) return std::unexpected(result.error());
    return Json::parse(result->reply.body).value("coins", std::int64_t{-1});
  }
  TopicPartition Partition() const {
    return {.topic = log_->FindTopic("game")->id, .partition = PartitionId(0)};
  }
  // Grants coins until there are so many snapshots; gives the offset of the oldest.
  std::int64_t GrantUntilSnapshots(std::size_t count) {
    while (Snapshots().size() < count) {
      clock_.Advance(1'000'000);
      Do(game::GrantCoins{"ann", 1, {}});
      if (log_->EndOffset(Partition()).value() > 20'000) break;
    }
    return std::stoll(Snapshots().at(0).substr(std::string("snapshot-").size(), 20));
  }
  std::vector<std::string> Snapshots() {
    auto names = fs_->List("/game").value();
    std::erase_if(names, [](const auto& name) { return !name.starts_with("snapshot-"); });
    return names;
  }
  void RemoveBefore(std::int64_t offset) {
    std::promise<Result<Offset>> moved;
    log::RemovalOf(*log_).MoveStart({.tp = Partition(), .to = Offset(offset)},
                                    [&](Result<Offset> at) { moved.set_value(std::move(at)); });
    ASSERT_EQ(moved.get_future().get(), Offset(offset));
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(3);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<idempotency::KeyStore> answers_;
  std::unique_ptr<GameService> service_;
  GameRules rules_ = std::make_shared<const game::Catalogue>(
      game::ParseCatalogue(game::testing::kRules, "game.toml").value());
};

TEST_F(KeptPast, WhatIsGoneIsAnsweredSoWithWhereThePastBegins) {
  Do(game::CreatePlayer{"ann"});
  const GameTime created{clock_.NowUs() / 1000};
  const auto first = GrantUntilSnapshots(2);
  const auto last = Offset(log_->EndOffset(Partition()).value() - 1);
  const auto coins_at_first = Coins(Offset(first - 1)).value();
  const auto coins = Coins(last).value();
  RemoveBefore(first - 10);
  const auto expect_gone = [&](const GameMoment& moment) {
    const auto gone = Coins(moment);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), ErrorCode::kNotFound);
    EXPECT_THAT(gone.error().message(),
                HasSubstr(fmt::format("\"as_of\": records of topic game before offset {} were "
                                      "removed; the past is kept from offset {} on, which is the "
                                      "time {}ms",
                                      first - 10, first - 1,
                                      *log_->BatchTimeMs(Partition(), Offset(first - 1)))));
  };
  for (int opened = 0; opened < 2; ++opened) {
    expect_gone(Offset(0));
    expect_gone(Offset(first - 11));
    expect_gone(Offset(first - 10));  // its record is there, and the state before it is not
    expect_gone(Offset(first - 2));
    expect_gone(created);
    EXPECT_EQ(Coins(Offset(first - 1)), coins_at_first);
    EXPECT_EQ(Coins(last), coins);
    EXPECT_EQ(Coins(Offset(-1)), -1) << "before everything there was nothing";
    Open();
  }
}

TEST_F(KeptPast, AGameWithoutRecordsAndSnapshotsDoesNotStart) {
  Do(game::CreatePlayer{"ann"});
  Do(game::GrantCoins{"ann", 1, {}});
  RemoveBefore(1);
  const auto opened = TryOpen();
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(),
              HasSubstr("records of topic game before offset 1 were removed, and no snapshot in "
                        "/game has their state: restore the data folder from a copy"));
}

}  // namespace
}  // namespace st::game_service
