// The phases of a GameService and how one follows another.
//
// A phase says which tasks the owner executes and which ones are refused:
//
//   phase        commands                     reads
//   kReady       executed                     executed
//   kConfirming  wait in the queue            wait in the queue
//   kRebuilding  refused (kUnavailable)       refused (kUnavailable)
//   kBackingOff  refused (kUnavailable)       executed
//   kPoisoned    refused (kIo)                refused (kUnavailable; kIo where they were queued)
//   kStopped     refused (kShutdown)          refused (kShutdown)
//
// Stop is a request and no phase: it refuses new tasks at once, and kStopped follows when the
// queued ones are answered and nothing is in flight.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace st::game_service {

enum class Phase { kReady, kConfirming, kRebuilding, kBackingOff, kPoisoned, kStopped };

struct PhaseTransition {
  Phase from;
  Phase to;
  std::string_view when;
};

// Every transition. A service begins in kReady, with its state rebuilt.
inline constexpr std::array kPhaseTransitions = std::to_array<PhaseTransition>({
    {Phase::kReady, Phase::kConfirming, "the first batch of a producer is in the log's queue"},
    {Phase::kBackingOff, Phase::kConfirming, "the same, by a command that was queued before"},
    {Phase::kConfirming, Phase::kReady, "the log stored the first batch"},
    {Phase::kBackingOff, Phase::kReady, "the time to back off has passed"},
    {Phase::kReady, Phase::kRebuilding, "an append failed: the state is ahead of the log"},
    {Phase::kConfirming, Phase::kRebuilding, "the first batch failed"},
    {Phase::kRebuilding, Phase::kReady, "the state is rebuilt, and it was the first failure"},
    {Phase::kRebuilding, Phase::kBackingOff, "the state is rebuilt after failures in a row"},
    {Phase::kReady, Phase::kPoisoned, "the log refuses appends until it is reopened"},
    {Phase::kConfirming, Phase::kPoisoned, "the same"},
    {Phase::kRebuilding, Phase::kPoisoned, "the same, by another batch in flight"},
    {Phase::kReady, Phase::kStopped, "Stop, and nothing is queued or in flight"},
    {Phase::kBackingOff, Phase::kStopped, "the same"},
    {Phase::kRebuilding, Phase::kStopped, "the same"},
    {Phase::kPoisoned, Phase::kStopped, "the same"},
});

constexpr bool MayFollow(Phase from, Phase to) {
  return std::ranges::any_of(kPhaseTransitions,
                             [=](const auto& one) { return one.from == from && one.to == to; });
}

}  // namespace st::game_service
