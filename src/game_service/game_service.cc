#include "game_service/game_service.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "format/record/record_batch.h"
#include "game_service/history.h"
#include "game_service/limits.h"

namespace st::game_service {
namespace {

Metric& CommandsOf(MetricRegistry& registry, std::string_view outcome) {
  return registry.Counter("steelthread_game_commands_total",
                          "Commands: done, refused by the rules, repeated under a key, failed.",
                          fmt::format("outcome=\"{}\"", outcome));
}

constexpr std::int64_t kShortestPauseUs = 100'000;
constexpr std::int64_t kLongestPauseUs = 5'000'000;

}  // namespace

struct GameService::Task {
  std::variant<game::Command, game::Query> what;
  CommandKey key;
  GameDone done;
};

struct GameService::Flight {
  CommandKey key;
  game::Reply reply;
  GameDone done;
  std::int64_t end = 0;  // offset behind its records
  std::int64_t time_ms = 0;
};

struct GameService::WaitingRead {
  std::int64_t end = 0;  // durable up to here: then it is answered
  game::Reply reply;
  GameDone done;
};

GameService::Counters::Counters(MetricRegistry& registry)
    : done(CommandsOf(registry, "done")),
      refused(CommandsOf(registry, "refused")),
      repeated(CommandsOf(registry, "repeated")),
      failed(CommandsOf(registry, "failed")),
      rebuilds(registry.Counter("steelthread_game_rebuilds_total",
                                "How often the state was made again after a failed append.")) {}

GameService::GameService(const Parts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      counters_(parts.metrics != nullptr ? *parts.metrics : unread_),
      snapshots_(parts.fs, parts.log, options_.dir, parts.random.Next()),
      catalogue_(parts.catalogue),
      snapshotter_(snapshots_, parts.clock, options_.snapshot_events) {}

GameService::~GameService() { Stop(); }

Result<std::unique_ptr<GameService>> GameService::Open(const Parts& parts, Options options) {
  auto service = std::unique_ptr<GameService>(new GameService(parts, std::move(options)));
  auto topic = parts.log.FindTopic(kGameTopic);
  if (!topic) {
    ST_TRY(topic, parts.log.CreateTopic(kGameTopic, 1));
  }
  if (topic->partitions != 1) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "topic {} has {} partitions; the game writes to one alone: the log's topic was made "
        "by something else",
        kGameTopic, topic->partitions);
  }
  service->tp_ = {.topic = topic->id, .partition = PartitionId(0)};
  ST_TRY(const auto aside, service->snapshots_.Open());
  ST_TRY_STATUS(service->Recover());
  if (!aside.empty()) {
    MutexLock lock(service->mu_);
    service->status_.notices.push_back(fmt::format("set aside as {}; remove it", aside));
  }
  service->history_ = std::make_unique<History>(*service);
  service->thread_ = os::Thread("game", [raw = service.get()] { raw->Loop(); });
  return service;
}

st::Status GameService::Recover() {
  std::vector<std::string> notices;
  const Offset end = parts_.log.EndOffset(tp_);
  ST_TRY(state_, snapshots_.StateAt(end, notices, [] { return st::Status(); }));
  const auto snapshots = snapshots_.List().value_or(std::vector<GameSnapshots::Snapshot>());
  ST_TRY(last_time_ms_, snapshots_.LastTimeMs(end));
  producer_ = parts_.log.NewProducerId();
  next_sequence_ = 0;
  is_producer_known_ = false;
  next_offset_ = end.value();
  // After damage a new one is due, whatever lies there.
  const bool is_usable = !snapshots.empty() && notices.empty();
  snapshotter_.Restart(is_usable ? std::min(snapshots.back().offset, next_offset_) : 0);
  MutexLock lock(mu_);
  applied_ = durable_ = next_offset_;
  status_.next_offset = next_offset_;
  status_.snapshot_offset = snapshotter_.newest();
  status_.players = state_->players().size();
  status_.notices = std::move(notices);
  return {};
}

st::Status GameService::MayEnqueue(bool is_command) const {
  if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server stops");
  if (is_poisoned_ && is_command) {
    return Fail(ErrorCode::kIo, "the log failed; restart the server");
  }
  if (is_poisoned_ || failure_) return Refuse("the game's state is made again from the log");
  if (is_command && retry_at_us_ > 0 && parts_.clock.MonotonicUs() < retry_at_us_) {
    return Refuse("the log took none of the last commands");
  }
  if (tasks_.size() >= kMaxGameTasks || (is_command && in_flight_ >= kMaxGameInFlight)) {
    return Refuse("too many requests wait for the game");
  }
  return {};
}

void GameService::Enqueue(Task task) {
  st::Status may;
  {
    MutexLock lock(mu_);
    may = MayEnqueue(std::holds_alternative<game::Command>(task.what));
    if (may) {
      tasks_.push_back(std::move(task));
      if (tasks_.size() == 1) wake_.NotifyAll();
      return;
    }
  }
  task.done(std::unexpected(may.error()));
}

void GameService::Replace(std::shared_ptr<const game::Catalogue> catalogue) {
  catalogue_.With([&](auto& now) { now = std::move(catalogue); });
}

void GameService::Submit(game::Command command, CommandKey key, GameDone done) {
  Enqueue({std::move(command), std::move(key), std::move(done)});
}

void GameService::Read(game::Query query, GameDone done) {
  Enqueue({std::move(query), {}, std::move(done)});
}

void GameService::ReadAsOf(game::Query query, GameMoment moment, GameDone done) {
  history_->Read(std::move(query), moment, std::move(done));
}

GameService::Status GameService::status() const {
  MutexLock lock(mu_);
  Status out = status_;
  out.accepts_commands = !failure_ && !is_poisoned_;
  return out;
}

void GameService::Loop() {
  while (true) {
    auto tasks = TakeTasks();
    {
      MutexLock lock(mu_);
      if (is_stopping_ && tasks.empty() && tasks_.empty()) break;
    }
    for (auto& task : tasks) Execute(std::move(task));
    RebuildState();
    StepSnapshot();
  }
  // What was appended is answered by the log.
  MutexLock lock(mu_);
  while (in_flight_ > 0) wake_.WaitFor(mu_, std::chrono::seconds(1));
}

std::vector<GameService::Task> GameService::TakeTasks() {
  constexpr std::int64_t kBusyUs = 1'000;
  constexpr std::int64_t kIdleUs = 1'000'000;
  MutexLock lock(mu_);
  const bool is_busy = snapshotter_.is_busy();
  if (tasks_.empty() && !is_stopping_ && !failure_) {
    wake_.WaitFor(mu_, std::chrono::microseconds(is_busy ? kBusyUs : kIdleUs));
  }
  std::vector<Task> out;
  out.reserve(tasks_.size());
  for (auto& task : tasks_) out.push_back(std::move(task));
  tasks_.clear();
  return out;
}

void GameService::Execute(Task task) {
  std::optional<Error> refused;
  {
    MutexLock lock(mu_);
    if (is_poisoned_ && failure_) {
      refused = Error(ErrorCode::kIo, failure_->message());
    } else if (failure_) {
      refused = Refuse("the game's state is made again from the log").error();
    }
  }
  if (refused) return task.done(std::unexpected(*refused));
  if (const auto* query = std::get_if<game::Query>(&task.what)) {
    return AnswerWhenDurable(game::Read(*catalogue(), *state_, *query), std::move(task.done));
  }
  ExecuteCommand(task);
}

bool GameService::AnswerIfRepeated(Task& task) {
  using Verdict = idempotency::KeyStore::Verdict;
  const auto claim = parts_.answers.Begin(task.key.scoped_key(), task.key.request);
  const auto fail = [&task](ErrorCode code, const char* why) {
    task.done(Fail(code, "{}", why));
    return true;
  };
  if (!claim) {
    task.done(std::unexpected(claim.error()));
    return true;
  }
  constexpr const char* kReused = "this Idempotency-Key came with another request before";
  switch (claim->verdict) {
    case Verdict::kNew:
      return false;
    case Verdict::kInFlight:
      return fail(ErrorCode::kConflict, "a request with this Idempotency-Key is not answered yet");
    case Verdict::kOtherRequest:
      return fail(ErrorCode::kAlreadyExists, kReused);
    case Verdict::kKnown:
      break;
  }
  auto remembered = parts_.answers.Read(*claim->place, task.key.scoped_key());
  if (!remembered) {
    task.done(std::unexpected(Error(ErrorCode::kUnavailable, remembered.error().message())));
    return true;
  }
  if (remembered->request != task.key.request) return fail(ErrorCode::kAlreadyExists, kReused);
  counters_.repeated.Add();
  task.done(GameResult{.reply = {.status = remembered->answer.status,
                                 .code = "",
                                 .content_type = std::move(remembered->answer.content_type),
                                 .body = std::move(remembered->answer.body)},
                       .position = claim->place->offset});
  return true;
}

void GameService::ExecuteCommand(Task& task) {
  const auto& command = std::get<game::Command>(task.what);
  const bool has_key = !task.key.key.empty();
  if (has_key && AnswerIfRepeated(task)) return;
  auto decision = game::Decide(*catalogue(), *state_, command);
  if (decision.events.empty()) {
    if (!has_key) {
      counters_.refused.Add();
      return AnswerWhenDurable(std::move(decision.reply), std::move(task.done));
    }
    decision.events.push_back(
        game::CommandRefused{.command = std::string(game::CommandName(command)),
                             .code = decision.reply.code,
                             .key = task.key.key});
  }
  const std::int64_t time_ms = std::max(parts_.clock.NowUs() / 1000, last_time_ms_);
  auto batch = BatchOf(task, decision, time_ms);
  auto room = ReserveOrReject(task, batch);
  if (!room) return;
  for (const auto& event : decision.events) {
    const auto applied = state_->Apply(event);
    ST_CHECK(applied.has_value());  // Decide made it for this state
  }
  Append(task, std::move(decision), time_ms, std::move(batch), std::move(room));
}

void GameService::Reject(Task& task, const Error& error) {
  counters_.failed.Add();
  if (!task.key.key.empty()) parts_.answers.Abandon(task.key.scoped_key());
  {
    MutexLock lock(mu_);
    status_.last_error = error.message();
  }
  task.done(std::unexpected(error));
}

// Before the state changes: others fill the log's queue too, and a state that is ahead of the log
// has to be made again.
std::unique_ptr<log::QueueRoom> GameService::ReserveOrReject(Task& task, const std::string& batch) {
  auto room = parts_.log.ReserveQueue(batch.size());
  if (room) return std::move(*room);
  Reject(task, room.error());
  return nullptr;
}

std::string GameService::BatchOf(const Task& task, const game::Decision& decision,
                                 std::int64_t time_ms) const {
  std::vector<std::string> values;
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& event : decision.events) values.push_back(game::EncodeEvent(event));
  if (!task.key.key.empty()) {
    headers = idempotency::RecordHeaders({.key = task.key.key,
                                          .scope = task.key.scope,
                                          .request = task.key.request,
                                          .answer = {.status = decision.reply.status,
                                                     .content_type = decision.reply.content_type,
                                                     .body = decision.reply.body}});
  }
  std::vector<record::NewRecord> records;
  for (const auto& value : values) records.push_back({.value = value, .timestamp_ms = time_ms});
  for (const auto& [name, text] : headers) records.front().headers.emplace_back(name, text);
  return record::BuildBatch(records,
                            {.id = producer_.value(), .epoch = 0, .sequence = next_sequence_});
}

void GameService::Append(Task& task, game::Decision decision, std::int64_t time_ms,
                         std::string batch, std::unique_ptr<log::QueueRoom> room) {
  const auto count = static_cast<std::int32_t>(decision.events.size());
  last_time_ms_ = time_ms;
  // Sequences wrap to 0 (KIP-98).
  next_sequence_ = static_cast<std::int32_t>((static_cast<std::int64_t>(next_sequence_) + count) %
                                             (std::int64_t{1} << 31));
  next_offset_ += count;
  auto flight = std::make_shared<Flight>(Flight{.key = std::move(task.key),
                                                .reply = std::move(decision.reply),
                                                .done = std::move(task.done),
                                                .end = next_offset_,
                                                .time_ms = time_ms});
  const bool is_first = !is_producer_known_;
  {
    MutexLock lock(mu_);
    applied_ = next_offset_;
    is_owner_waiting_ = is_first;
    ++in_flight_;
    status_.next_offset = next_offset_;
    status_.players = state_->players().size();
  }
  parts_.log.AppendInto(
      std::move(room), tp_, std::move(batch),
      [this, flight](const Result<log::AppendResult>& result) { OnAppended(flight, result); });
  if (is_first) AwaitFirst();
}

// Until the log has stored one batch of a producer it accepts any sequence, so a second batch could
// be stored although the first failed. Wait for the first.
void GameService::AwaitFirst() {
  MutexLock lock(mu_);
  while (in_flight_ > 0) wake_.WaitFor(mu_, std::chrono::seconds(1));
  is_owner_waiting_ = false;
  is_producer_known_ = !failure_;
}

void GameService::AnswerWhenDurable(game::Reply reply, GameDone done) {
  std::int64_t end = 0;
  bool has_failed = false;
  {
    MutexLock lock(mu_);
    end = applied_;
    if (durable_ < end && !failure_) {
      waiting_.push_back({end, std::move(reply), std::move(done)});
      return;
    }
    has_failed = failure_.has_value();
  }
  // What the state shows may never get into the log.
  if (has_failed) return done(Refuse("the game's state is made again from the log"));
  done(GameResult{.reply = std::move(reply),
                  .position = end > 0 ? std::optional(Offset(end - 1)) : std::nullopt});
}

void GameService::OnAppended(std::shared_ptr<Flight> flight,
                             const Result<log::AppendResult>& result) {
  if (!flight->key.key.empty()) {
    if (result) {
      parts_.answers.Finish(flight->key.scoped_key(),
                            {.topic = tp_.topic, .offset = result->base_offset}, flight->time_ms);
    } else if (result.error().code() != ErrorCode::kOutcomeUnknown) {
      parts_.answers.Abandon(flight->key.scoped_key());
    }
  }
  (!result                      ? counters_.failed
   : flight->reply.code.empty() ? counters_.done
                                : counters_.refused)
      .Add();
  std::vector<WaitingRead> ready;
  std::optional<Error> error;
  {
    MutexLock lock(mu_);
    if (result) {
      durable_ = flight->end;
      retry_at_us_ = pause_us_ = 0;
    } else {
      const ErrorCode code = result.error().code();
      const bool is_unknown = code == ErrorCode::kOutcomeUnknown;
      if (is_unknown || code == ErrorCode::kIo || code == ErrorCode::kShutdown) is_poisoned_ = true;
      // Those behind the first are refused for their sequence alone.
      error = is_unknown || !failure_ ? result.error() : *failure_;
      if (!failure_) failure_ = result.error();
      status_.last_error = failure_->message();
    }
    while (!waiting_.empty() && (error || waiting_.front().end <= durable_)) {
      ready.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  const auto answer = [&error](game::Reply& reply, GameDone& done, std::int64_t offset) {
    if (error) return done(std::unexpected(*error));
    done(GameResult{.reply = std::move(reply), .position = Offset(offset)});
  };
  answer(flight->reply, flight->done, result ? result->base_offset.value() : 0);
  for (auto& read : ready) answer(read.reply, read.done, read.end - 1);
  MutexLock lock(mu_);
  if (--in_flight_ > 0) return;
  if (failure_ || is_stopping_ || is_owner_waiting_) wake_.NotifyAll();
}

void GameService::RebuildState() {
  {
    MutexLock lock(mu_);
    if (!failure_ || is_poisoned_) {
      // A poisoned log gives nothing to do until the server is restarted.
      if (is_poisoned_ && !is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
      return;
    }
    while (in_flight_ > 0) wake_.WaitFor(mu_, std::chrono::seconds(1));
  }
  counters_.rebuilds.Add();
  const auto recovered = Recover();
  MutexLock lock(mu_);
  if (recovered) {
    failure_.reset();
    BackOff();
    return;
  }
  status_.last_error = recovered.error().message();
  if (!is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
}

void GameService::BackOff() {
  if (pause_us_ > 0) retry_at_us_ = parts_.clock.MonotonicUs() + pause_us_;
  pause_us_ = std::clamp<std::int64_t>(2 * pause_us_, kShortestPauseUs, kLongestPauseUs);
}

void GameService::StepSnapshot() {
  std::int64_t durable = 0;
  {
    MutexLock lock(mu_);
    durable = durable_;
  }
  const auto stepped = snapshotter_.Step(*state_, next_offset_, durable);
  MutexLock lock(mu_);
  if (!stepped) status_.last_error = status_.snapshot_error = stepped.error().message();
  const auto newest = snapshotter_.newest();
  if (newest > status_.snapshot_offset) status_.snapshot_error.clear();
  status_.snapshot_offset = newest;
}

void GameService::Stop() {
  {
    MutexLock lock(mu_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.Join();
  snapshotter_.Stop();
  if (history_) history_->Stop();
}

}  // namespace st::game_service
