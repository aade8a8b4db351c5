#include "game_service/game_service.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "format/record/record_batch.h"
#include "game_service/limits.h"

namespace st::game_service {
namespace {

Metric& CommandsOf(MetricRegistry& registry, std::string_view outcome) {
  return registry.Counter("steelthread_game_commands_total",
                          "Commands: done, refused by the rules, repeated under a key, failed.",
                          fmt::format("outcome=\"{}\"", outcome));
}

constexpr std::int64_t kShortestBackOffUs = 100'000;
constexpr std::int64_t kLongestBackOffUs = 5'000'000;
constexpr std::chrono::seconds kLongestWait(1);

}  // namespace

struct GameService::Task {
  GameRules rules;
  std::variant<game::Command, game::Query> what;
  CommandKey key;
  GameDone done;
};

struct GameService::Flight {
  CommandKey key;
  game::Reply reply;
  GameDone done;
  std::int64_t time_ms = 0;
};

struct GameService::WaitingRead {
  std::int64_t end = 0;  // the read is answered when the log is durable up to here
  game::Reply reply;
  GameDone done;
};

GameService::Counters::Counters(MetricRegistry& registry)
    : done(CommandsOf(registry, "done")),
      refused(CommandsOf(registry, "refused")),
      repeated(CommandsOf(registry, "repeated")),
      failed(CommandsOf(registry, "failed")),
      rebuilds(registry.Counter("steelthread_game_rebuilds_total",
                                "How often the state was rebuilt after a failed append.")) {}

GameService::GameService(const os::Env& env, log::LocalLog& log, idempotency::KeyStore& answers,
                         Options options, std::unique_ptr<GameLog> game_log)
    : env_(env),
      answers_(answers),
      options_(std::move(options)),
      counters_(env.metrics != nullptr ? *env.metrics : unread_),
      game_log_(std::move(game_log)),
      snapshots_(env.fs, log, game_log_->partition(), options_.dir, env.random.Next()),
      snapshotter_(snapshots_, env.clock, options_.snapshot_events) {}

GameService::~GameService() { Stop(); }

Result<std::unique_ptr<GameService>> GameService::Open(const os::Env& env, log::LocalLog& log,
                                                       idempotency::KeyStore& answers,
                                                       Options options) {
  ST_TRY(auto game_log, GameLog::Open(log));
  auto service = std::unique_ptr<GameService>(
      new GameService(env, log, answers, std::move(options), std::move(game_log)));
  ST_TRY(const auto aside, service->snapshots_.Open());
  ST_TRY_STATUS(service->Recover());
  if (!aside.empty()) {
    MutexLock lock(service->mu_);
    service->status_.notices.push_back(fmt::format("set aside as {}; remove it", aside));
  }
  service->history_ = std::make_unique<HistoryReader>(
      HistoryReader::Sources{.log = log,
                             .partition = service->game_log_->partition(),
                             .snapshots = service->snapshots_,
                             .clock = env.clock});
  return service;
}

st::Status GameService::Recover() {
  std::vector<std::string> notices;
  const Offset end(game_log_->end());
  ST_TRY(auto state, snapshots_.StateAt(end, notices, [] { return st::Status(); }));
  const auto snapshots = snapshots_.List().value_or(std::vector<GameSnapshots::Snapshot>());
  ST_TRY(last_time_ms_, snapshots_.LastTimeMs(end));
  // After damage a new snapshot is due, although there is one.
  const bool is_usable = !snapshots.empty() && notices.empty();
  snapshotter_.Restart(is_usable ? std::min(snapshots.back().offset, end.value()) : 0);
  state_ = std::move(state);
  MutexLock lock(mu_);
  status_.next_offset = end.value();
  status_.snapshot_offset = snapshotter_.newest();
  status_.players = state_->players().size();
  status_.notices = std::move(notices);
  return {};
}

void GameService::Enter(Phase next) {
  ST_CHECK(MayFollow(phase_, next));
  phase_ = next;
  wake_.NotifyAll();
}

st::Status GameService::CheckAccepts(bool is_command) {
  if (is_stopping_) return Fail(ErrorCode::kShutdown, "the server stops");
  if (phase_ == Phase::kBackingOff && is_command) EndBackOff(env_.clock.MonotonicUs());
  if (phase_ == Phase::kPoisoned && is_command) {
    return Fail(ErrorCode::kIo, "the log failed; restart the server");
  }
  if (phase_ == Phase::kPoisoned || phase_ == Phase::kRebuilding) {
    return RefuseWhileRebuilding();
  }
  if (phase_ == Phase::kBackingOff && is_command) {
    return Refuse("the log refused the last commands");
  }
  if (tasks_.size() >= kMaxGameTasks ||
      (is_command && game_log_->in_flight() >= kMaxGameInFlight)) {
    return Refuse("too many requests wait for the game");
  }
  return {};
}

void GameService::Enqueue(Task task) {
  st::Status may;
  {
    MutexLock lock(mu_);
    may = CheckAccepts(std::holds_alternative<game::Command>(task.what));
    if (may) {
      tasks_.push_back(std::move(task));
      if (tasks_.size() == 1) wake_.NotifyAll();
      return;
    }
  }
  task.done(std::unexpected(may.error()));
}

void GameService::Submit(GameRules rules, game::Command command, CommandKey key, GameDone done) {
  Enqueue({std::move(rules), std::move(command), std::move(key), std::move(done)});
}

void GameService::Read(GameRules rules, game::Query query, GameDone done) {
  Enqueue({std::move(rules), std::move(query), {}, std::move(done)});
}

void GameService::ReadAsOf(GameRules rules, game::Query query, GameMoment moment, GameDone done) {
  history_->Read({std::move(rules), std::move(query), moment, std::move(done)});
}

GameService::Status GameService::status() const {
  MutexLock lock(mu_);
  Status out = status_;
  out.accepts_commands = phase_ != Phase::kRebuilding && phase_ != Phase::kPoisoned;
  return out;
}

void GameService::Start() {
  thread_ = os::Thread("game", [this] { Loop(); });
}

void GameService::Loop() {
  while (phase() != Phase::kStopped) {
    AwaitWork();
    if (!Step(env_.clock.MonotonicUs())) WaitAfterError();
  }
}

bool GameService::HasWork() const {
  if (phase_ == Phase::kConfirming) return false;
  return phase_ == Phase::kRebuilding || is_stopping_ || !tasks_.empty() || !dequeued_.empty();
}

void GameService::AwaitWork() {
  constexpr std::chrono::milliseconds kSnapshotWait(1);
  MutexLock lock(mu_);
  if (HasWork()) return;
  wake_.WaitFor(mu_, snapshotter_.is_busy() ? kSnapshotWait : kLongestWait);
}

void GameService::WaitAfterError() {
  MutexLock lock(mu_);
  if (!is_stopping_) wake_.WaitFor(mu_, kLongestWait);
}

Result<GameService::StepReport> GameService::Step(std::int64_t now_us) {
  DequeueTasks(now_us);
  StepReport report;
  for (; !dequeued_.empty(); ++report.tasks) {
    const Phase now = phase();
    if (now == Phase::kConfirming) break;
    Task task = std::move(dequeued_.front());
    dequeued_.pop_front();
    Execute(std::move(task), now);
  }
  ST_TRY_STATUS(RebuildState());
  StepSnapshot();
  EndIfStopped();
  report.phase = phase();
  return report;
}

void GameService::DequeueTasks(std::int64_t now_us) {
  MutexLock lock(mu_);
  if (phase_ == Phase::kBackingOff) EndBackOff(now_us);
  if (dequeued_.empty()) dequeued_.swap(tasks_);
}

void GameService::Execute(Task task, Phase phase) {
  if (phase == Phase::kPoisoned) {
    const auto failure = game_log_->failure();
    return task.done(Fail(ErrorCode::kIo, "{}", failure ? failure->message() : ""));
  }
  if (phase == Phase::kRebuilding) {
    return task.done(RefuseWhileRebuilding());
  }
  if (const auto* query = std::get_if<game::Query>(&task.what)) {
    return AnswerWhenDurable(game::Read(*task.rules, *state_, *query), std::move(task.done));
  }
  ExecuteCommand(task);
}

bool GameService::AnswerIfRepeated(Task& task) {
  using Verdict = idempotency::KeyStore::Verdict;
  const auto claim = answers_.Begin(task.key.scoped_key(), task.key.request);
  const auto fail = [&task](ErrorCode code, const char* why) {
    task.done(Fail(code, "{}", why));
    return true;
  };
  if (!claim) {
    task.done(std::unexpected(claim.error()));
    return true;
  }
  constexpr const char* kReused =
      "this Idempotency-Key came with another request before: a new request takes a new key";
  switch (claim->verdict) {
    case Verdict::kNew:
      return false;
    case Verdict::kUnsure:  // Begin resolves it
      ST_CHECK(claim->verdict != Verdict::kUnsure);
      return false;
    case Verdict::kInFlight:
      return fail(ErrorCode::kConflict, "a request with this Idempotency-Key is not answered yet");
    case Verdict::kOtherRequest:
      return fail(ErrorCode::kAlreadyExists, kReused);
    case Verdict::kKnown:
      break;
  }
  auto remembered = answers_.Read(*claim->place, task.key.scoped_key());
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
                       .position = answers_.PositionOf(*claim->place)});
  return true;
}

void GameService::ExecuteCommand(Task& task) {
  const auto& command = std::get<game::Command>(task.what);
  const bool has_key = !task.key.key.empty();
  if (has_key && AnswerIfRepeated(task)) return;
  auto decision = game::Decide(*task.rules, *state_, command);
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
  const std::int64_t time_ms = std::max(env_.clock.NowUs() / 1000, last_time_ms_);
  auto batch = PrepareOrReject(task, decision, time_ms);
  if (!batch) return;
  for (const auto& event : decision.events) {
    const auto applied = state_->Apply(event);
    ST_CHECK(applied.has_value());  // Decide made the event for this state
  }
  Append(task, std::move(decision.reply), time_ms, std::move(*batch));
}

void GameService::Reject(Task& task, const Error& error) {
  counters_.failed.Add();
  if (!task.key.key.empty()) answers_.Abandon(task.key.scoped_key());
  {
    MutexLock lock(mu_);
    status_.last_error = error.message();
  }
  task.done(std::unexpected(error));
}

std::optional<GameLog::Batch> GameService::PrepareOrReject(Task& task,
                                                           const game::Decision& decision,
                                                           std::int64_t time_ms) {
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
  auto batch = game_log_->Prepare(records);
  if (batch) return std::move(*batch);
  Reject(task, batch.error());
  return std::nullopt;
}

void GameService::Append(Task& task, game::Reply reply, std::int64_t time_ms,
                         GameLog::Batch batch) {
  last_time_ms_ = time_ms;
  auto flight = std::make_shared<Flight>(Flight{.key = std::move(task.key),
                                                .reply = std::move(reply),
                                                .done = std::move(task.done),
                                                .time_ms = time_ms});
  {
    MutexLock lock(mu_);
    if (game_log_->is_first()) Enter(Phase::kConfirming);
    status_.next_offset = game_log_->end() + batch.records;
    status_.players = state_->players().size();
  }
  game_log_->Append(std::move(batch),
                    [this, flight](const Result<Offset>& base) { OnAppended(*flight, base); });
}

void GameService::AnswerWhenDurable(game::Reply reply, GameDone done) {
  const std::int64_t end = game_log_->end();
  bool has_failed = false;
  {
    MutexLock lock(mu_);
    has_failed = phase_ == Phase::kRebuilding || phase_ == Phase::kPoisoned;
    if (!has_failed && game_log_->durable_end() < end) {
      waiting_.push_back({end, std::move(reply), std::move(done)});
      return;
    }
  }
  // The state may contain events that the log will never store.
  if (has_failed) return done(RefuseWhileRebuilding());
  done(GameResult{.reply = std::move(reply),
                  .position = GamePositionBefore(game_log_->partition(), Offset(end))});
}

void GameService::OnAppended(Flight& flight, const Result<Offset>& base) {
  if (!flight.key.key.empty()) {
    if (base) {
      answers_.Finish(flight.key.scoped_key(),
                      {.partition = game_log_->partition(), .offset = *base}, flight.time_ms);
    } else if (base.error().code() != ErrorCode::kOutcomeUnknown) {
      answers_.Abandon(flight.key.scoped_key());
    }
  }
  (!base ? counters_.failed : flight.reply.code.empty() ? counters_.done : counters_.refused).Add();
  std::vector<WaitingRead> ready;
  {
    MutexLock lock(mu_);
    if (base) {
      back_off_us_ = 0;
      if (phase_ == Phase::kConfirming) Enter(Phase::kReady);
    } else {
      const Phase next = game_log_->is_poisoned() ? Phase::kPoisoned : Phase::kRebuilding;
      if (phase_ != next && phase_ != Phase::kPoisoned) Enter(next);
      status_.last_error = game_log_->failure().value_or(base.error()).message();
    }
    while (!waiting_.empty() && (!base || waiting_.front().end <= game_log_->durable_end())) {
      ready.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  const auto answer = [&base, tp = game_log_->partition()](game::Reply& reply, GameDone& done,
                                                           Offset offset) {
    if (!base) return done(std::unexpected(base.error()));
    done(GameResult{.reply = std::move(reply), .position = GamePosition(tp, offset)});
  };
  answer(flight.reply, flight.done, base.value_or(Offset(0)));
  for (auto& read : ready) answer(read.reply, read.done, Offset(read.end - 1));
}

st::Status GameService::RebuildState() {
  {
    MutexLock lock(mu_);
    if (phase_ != Phase::kRebuilding || is_stopping_) return {};
  }
  if (!game_log_->AwaitIdle(kLongestWait)) return {};
  // The last batch in flight may have poisoned the log.
  if (phase() != Phase::kRebuilding) return {};
  counters_.rebuilds.Add();
  game_log_->Restart();
  const auto recovered = Recover();
  MutexLock lock(mu_);
  if (recovered) {
    BackOff();
  } else {
    status_.last_error = recovered.error().message();
  }
  return recovered;
}

void GameService::BackOff() {
  Enter(back_off_us_ > 0 ? Phase::kBackingOff : Phase::kReady);
  back_off_end_us_ = env_.clock.MonotonicUs() + back_off_us_;
  back_off_us_ = std::clamp<std::int64_t>(2 * back_off_us_, kShortestBackOffUs, kLongestBackOffUs);
}

void GameService::EndBackOff(std::int64_t now_us) {
  if (now_us >= back_off_end_us_) Enter(Phase::kReady);
}

void GameService::EndIfStopped() {
  {
    MutexLock lock(mu_);
    if (!is_stopping_ || phase_ == Phase::kStopped) return;
    if (!dequeued_.empty() || !tasks_.empty()) return;
  }
  // The log calls back for every batch that was appended.
  if (!game_log_->AwaitIdle(kLongestWait)) return;
  MutexLock lock(mu_);
  Enter(Phase::kStopped);
}

void GameService::StepSnapshot() {
  const auto stepped = snapshotter_.Step(*state_, game_log_->end(), game_log_->durable_end());
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
  // Without a thread the caller is the owner.
  while (state_ && phase() != Phase::kStopped) {
    Ignore(Step(env_.clock.MonotonicUs()), "a service that stops rebuilds no state");
  }
  snapshotter_.Stop();
  if (history_) history_->Stop();
}

}  // namespace st::game_service
