#include "game_service/snapshotter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "game_service/limits.h"

namespace st::game_service {

void GameSnapshotter::Restart(std::int64_t newest) {
  newest_ = newest;
  chunks_.reset();
  if (stage_ == Stage::kFinishing) return;  // its records are durable in the log
  file_.reset();
  stage_ = Stage::kIdle;
}

Status GameSnapshotter::Step(game::State& state, std::int64_t next_offset, std::int64_t durable) {
  switch (stage_) {
    case Stage::kIdle:
      if (next_offset - newest_ < events_ || clock_.MonotonicUs() < next_us_) return {};
      return Begin(state, next_offset);
    case Stage::kWriting:
      return Write();
    case Stage::kWritten:
      if (durable >= end_) Finish();
      return {};
    case Stage::kFinishing:
      return Conclude();
  }
  return {};
}

Status GameSnapshotter::Begin(game::State& state, std::int64_t next_offset) {
  auto writer = snapshots_.Write(Offset(next_offset));
  if (!writer) return GiveUp(writer.error());
  chunks_.emplace(state);
  file_.emplace(std::move(*writer));
  stage_ = Stage::kWriting;
  end_ = next_offset;
  stepped_us_ = clock_.MonotonicUs();
  return {};
}

Status GameSnapshotter::Write() {
  const std::int64_t began_us = clock_.MonotonicUs();
  const std::int64_t until_us = began_us + (began_us - stepped_us_) / kSnapshotRest;
  std::string chunk;
  do {
    if (!chunks_->Next(chunk)) {
      chunks_.reset();
      stage_ = Stage::kWritten;
      return {};
    }
    if (const auto added = file_->Add(chunk); !added) return GiveUp(added.error());
    stepped_us_ = clock_.MonotonicUs();
  } while (stepped_us_ < until_us);
  return {};
}

void GameSnapshotter::Finish() {
  stage_ = Stage::kFinishing;
  finisher_ = os::Thread("game-snapshot", [this] {
    auto finished = file_->Finish();
    outcome_.With([&](auto& outcome) { outcome = std::move(finished); });
  });
}

Status GameSnapshotter::Conclude() {
  const auto outcome = outcome_.With([](auto& outcome) { return std::exchange(outcome, {}); });
  if (!outcome) return {};
  finisher_.Join();
  if (!*outcome) return GiveUp(outcome->error());
  file_.reset();
  stage_ = Stage::kIdle;
  newest_ = std::max(newest_, end_);
  next_us_ = clock_.MonotonicUs() + kSnapshotPauseUs;
  return {};
}

Status GameSnapshotter::GiveUp(const Error& error) {
  constexpr std::int64_t kRetryUs = 60'000'000;
  chunks_.reset();
  file_.reset();
  stage_ = Stage::kIdle;
  next_us_ = clock_.MonotonicUs() + kRetryUs;
  return std::unexpected(error);
}

}  // namespace st::game_service
