#include "app/record_keeping.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "api/kafka/topic_settings.h"
#include "game/declared.h"
#include "idempotency/limits.h"
#include "log/partition_choice.h"
#include "stream/losses.h"

namespace st::app {
namespace {

constexpr std::int64_t kStepUs = 10'000'000;
constexpr std::string_view kDeclarationsHold = "the declarations of events";
constexpr std::string_view kGameHold = "the game";
constexpr std::string_view kKeysHold = "idempotency keys";

// Whether the hold is one that this file sets.
bool IsOurs(const std::string& name) {
  return !stream::PipelineOfHold(name).empty() || name == kDeclarationsHold || name == kGameHold ||
         name == kKeysHold;
}

void HoldWhole(const log::Log& log, const log::TopicInfo& topic, log::Hold& hold) {
  for (const auto tp : log::PartitionsOf(topic)) hold.from[tp] = log.StartOffset(tp);
}

// The records of the window of idempotency keys.
void HoldWindow(const log::Log& log, const log::TopicInfo& topic, std::int64_t since_ms,
                log::Hold& hold) {
  for (const auto tp : log::PartitionsOf(topic)) {
    const Offset end = log.EndOffset(tp);  // first: what comes later is in the window
    const auto since = log.OffsetForTime(tp, since_ms);
    hold.from[tp] = since ? std::min(since->first, end) : end;
  }
}

// What the pipeline has not read: from its positions, or where they are not known as before.
void HoldUnread(const log::LocalLog& log, const stream::PipelineStatus& status,
                const log::Hold* before, log::Hold& hold) {
  for (const auto& name : status.topics) {
    const auto topic = log.FindTopic(name);
    if (!topic) continue;
    for (const auto tp : log::PartitionsOf(*topic)) {
      const auto known = std::ranges::find_if(status.partitions, [&](const auto& one) {
        return one.topic == name && one.partition == tp.partition.value();
      });
      Offset from = log.StartOffset(tp);
      if (status.is_position_known && known != status.partitions.end()) {
        from = std::max(from, std::min(Offset(known->next), log.EndOffset(tp)));
      } else if (before != nullptr && before->from.contains(tp)) {
        from = std::max(from, before->from.at(tp));
      }
      hold.from[tp] = from;
    }
  }
}

}  // namespace

RecordKeeping::RecordKeeping(Parts parts)
    : parts_(parts), retention_(parts.stores.log(), api::RetentionOf, &parts.metrics) {}

void RecordKeeping::Start() {
  thread_ = os::Thread("retention", [this] { Loop(); });
}

void RecordKeeping::Add(Task task) {
  {
    MutexLock lock(mu_);
    if (!is_stopping_) {
      tasks_.push_back(std::move(task));
      wake_.NotifyAll();
      return;
    }
  }
  task(Fail(ErrorCode::kShutdown, "the server stops"));
}

void RecordKeeping::Delete(const log::StartMove& move, Done done) {
  Add([this, move, done = std::move(done)](const Status& held) {
    if (held) {
      log::RemovalOf(parts_.stores.log()).MoveStart(move, done);
    } else {
      done(std::unexpected(held.error()));
    }
  });
}

void RecordKeeping::Stop() {
  {
    MutexLock lock(mu_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.Join();
}

std::string RecordKeeping::last_error() const {
  MutexLock lock(mu_);
  return last_error_;
}

void RecordKeeping::Loop() {
  while (true) {
    std::vector<Task> tasks;
    bool is_last = false;
    {
      MutexLock lock(mu_);
      if (tasks_.empty() && !is_stopping_ && !has_more_) {
        wake_.WaitFor(mu_, std::chrono::microseconds(kStepUs));
      }
      tasks.swap(tasks_);
      is_last = is_stopping_;
    }
    if (is_last) {
      for (const auto& task : tasks) task(Fail(ErrorCode::kShutdown, "the server stops"));
      return;
    }
    const auto done = Work(tasks);
    MutexLock lock(mu_);
    last_error_ = done ? "" : done.error().message();
  }
}

Status RecordKeeping::Work(const std::vector<Task>& tasks) {
  auto& log = parts_.stores.log();
  const auto topics = log.Topics();
  const bool is_due = !tasks.empty() || std::ranges::any_of(topics, [](const auto& topic) {
    return !api::RetentionOf(topic).keeps_all();
  });
  const Status held = is_due ? SetHolds() : Status();
  for (const auto& task : tasks) task(held);
  ST_TRY_STATUS(held);
  const auto step = retention_.Step(parts_.clock.NowUs() / 1000);
  MutexLock lock(mu_);
  has_more_ = step && step->has_more;
  if (!step) return std::unexpected(step.error());
  return {};
}

std::vector<log::Hold> RecordKeeping::NeededHolds() const {
  auto& log = parts_.stores.log();
  const auto served = parts_.serving.now();
  const std::int64_t since_ms = parts_.clock.NowUs() / 1000 - idempotency::kKeyWindowMs;
  log::Hold declarations{.name = std::string(kDeclarationsHold), .from = {}};
  log::Hold game{.name = std::string(kGameHold), .from = {}};
  log::Hold keys{.name = std::string(kKeysHold), .from = {}};
  for (const auto& topic : log.Topics()) {
    if (project::IsOwnTopic(topic.name)) {
      HoldWhole(log, topic, declarations);
    } else if (topic.name == game::kTopic && served->rules != nullptr) {
      HoldWhole(log, topic, game);
    } else if (std::ranges::count(served->files.events, topic.name, &event::Declaration::topic) >
               0) {
      HoldWindow(log, topic, since_ms, keys);
    }
  }
  std::vector<log::Hold> holds{std::move(declarations), std::move(game), std::move(keys)};
  const auto now = log.Holds();
  auto pipelines = parts_.runner.Status();
  // A reload stops pipelines for a while: their positions are unknown then, and still needed.
  for (const auto& served_one : served->pipelines) {
    if (std::ranges::count(pipelines, served_one.name, &stream::PipelineStatus::name) > 0) continue;
    auto& missing = pipelines.emplace_back();
    missing.name = served_one.name;
    missing.topics = served_one.topics;
  }
  for (const auto& status : pipelines) {
    log::Hold hold{.name = stream::HoldNameOf(status.name), .from = {}};
    const auto before = std::ranges::find(now, hold.name, &log::Hold::name);
    HoldUnread(log, status, before == now.end() ? nullptr : &*before, hold);
    holds.push_back(std::move(hold));
  }
  return holds;
}

std::vector<log::Hold> RecordKeeping::Holds() const {
  auto holds = NeededHolds();
  std::erase_if(holds, [](const log::Hold& hold) { return hold.from.empty(); });
  for (auto& hold : parts_.stores.log().Holds()) {
    if (!IsOurs(hold.name)) holds.push_back(std::move(hold));
  }
  std::ranges::sort(holds, {}, &log::Hold::name);
  return holds;
}

Status RecordKeeping::SetHolds() {
  auto& log = parts_.stores.log();
  std::map<std::string, log::Hold> needed;
  for (auto& hold : NeededHolds()) needed[hold.name] = std::move(hold);
  for (const auto& hold : log.Holds()) {
    if (!IsOurs(hold.name)) continue;
    const auto found = needed.find(hold.name);
    if (found == needed.end()) {
      ST_TRY_STATUS(log.SetHold({.name = hold.name, .from = {}}));  // a pipeline that is gone
    } else if (found->second == hold) {
      needed.erase(found);
    }
  }
  for (const auto& [name, hold] : needed) {
    // One that keeps nothing now may have kept something before.
    const auto holds = log.Holds();
    const bool is_set = std::ranges::find(holds, name, &log::Hold::name) != holds.end();
    if (hold.from.empty() && !is_set) continue;
    ST_TRY_STATUS(log.SetHold(hold));
  }
  return {};
}

}  // namespace st::app
