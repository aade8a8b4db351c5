// MOVER: the game's commands -> topic `game`, and the state that its records make.
//
// One owner thread decides each command against the state, applies its events and appends them as
// one batch with the key and the answer as headers of its first record (I9). The client is answered
// when the batch is durable. If a batch fails, the log refuses every later one (game_log.h), and
// the state is rebuilt from the log. phase.h lists the phases and when one follows another.
//
// Threads: safe from any thread, but for Step; answers come on the owner's ("game"), the log's
//          commit thread or a history thread, and must not block.
// Owner:   main; `log`, `answers` and the members of `env` must outlive it. Stop it before the log.
// Durable: a command is answered when its batch is durable, a read when every batch is durable that
//          its state contains.
// Limits:  limits.h: kMaxGameTasks, kMaxGameInFlight, kMaxHistoryReads, kHistoryReadUs. After one
//          failed append commands are accepted at once, after the next one in a row 100 ms later,
//          doubled up to 5 s; reads go on.
// Metrics: steelthread_game_commands_total by outcome, steelthread_game_rebuilds_total.
// Errors:  kUnavailable too much waits, or the state is being rebuilt: nothing happened;
//          kOutcomeUnknown the log failed under it; kIo the log refuses until it is reopened;
//          kConflict the key is in flight; kAlreadyExists it came with another request;
//          kInvalidArgument a moment after the log's end; kNotFound retention removed records that
//          a moment needs; kDeadline building the state of a moment took too long; kShutdown.
// Format:  docs/formats/game_snapshot.md
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "game/catalogue.h"
#include "game/command.h"
#include "game/decide.h"
#include "game/view.h"
#include "game_service/game_log.h"
#include "game_service/game_result.h"
#include "game_service/history_reader.h"
#include "game_service/phase.h"
#include "game_service/snapshots.h"
#include "game_service/snapshotter.h"
#include "idempotency/key_store.h"
#include "log/local_log.h"
#include "os/env.h"
#include "os/thread.h"

namespace st::game_service {

struct CommandKey {
  std::string key;  // "": none
  idempotency::KeyScope scope{};
  idempotency::Hash128 request;
  idempotency::ScopedKey scoped_key() const { return {.scope = scope, .key = key}; }
};
class GameService {
 public:
  struct StepReport {
    std::size_t tasks = 0;  // that were executed; their answers may wait for the log
    Phase phase = Phase::kReady;
  };
  struct Options {
    std::string dir;  // <data.dir>/game
    std::int64_t snapshot_events;
  };
  // Creates topic `game` where it is missing and rebuilds the state from snapshot and log. Tasks
  // wait until Start, or until the caller calls Step.
  static Result<std::unique_ptr<GameService>> Open(const os::Env& env, log::LocalLog& log,
                                                   idempotency::KeyStore& answers, Options options);
  ~GameService();
  // Starts the owner thread, which calls Step until Stop.
  void Start();
  // Executes the queued tasks that the phase allows, rebuilds the state in kRebuilding, and writes
  // a part of the snapshot in progress. `now_us` is monotonic. Waits at most a second, for batches
  // in flight. Requires: no owner thread, or called by it.
  // Errors: the state could not be rebuilt; try again later.
  Result<StepReport> Step(std::int64_t now_us);

  // Each task brings the rules by which it is executed, so that a request is answered by one
  // version of the project. Requires: game::CheckCommand(command) is ok.
  void Submit(GameRules rules, game::Command command, CommandKey key, GameDone done);
  void Read(GameRules rules, game::Query query, GameDone done);
  // Reads the state after all records up to this offset, or appended up to this time. The records
  // of a batch count together.
  void ReadAsOf(GameRules rules, game::Query query, GameMoment moment, GameDone done);

  struct Status {
    std::uint64_t players = 0;
    std::int64_t next_offset = 0;
    std::int64_t snapshot_offset = 0;  // of the newest one; 0: none
    bool accepts_commands = true;
    std::string last_error;
    std::string snapshot_error;        // "" once the next snapshot is complete
    std::vector<std::string> notices;  // of damaged snapshots
  };
  Status status() const;
  // Answers the queued tasks and joins the thread. The log must still run.
  void Stop();

 private:
  struct Task;
  struct Flight;       // one appended command until it is answered
  struct WaitingRead;  // a read until the batches that its state contains are durable

  GameService(const os::Env& env, log::LocalLog& log, idempotency::KeyStore& answers,
              Options options, std::unique_ptr<GameLog> game_log);
  // Rebuilds the state from the newest snapshot and the log. Requires: nothing is in flight.
  st::Status Recover();

  // The owner thread.
  void Loop();
  // Waits until there is work for Step, or for a limited time.
  void AwaitWork();
  bool HasWork() const ST_REQUIRES(mu_);
  void WaitAfterError();
  // Requires: `next` may follow the phase.
  void Enter(Phase next) ST_REQUIRES(mu_);
  Phase phase() const {
    MutexLock lock(mu_);
    return phase_;
  }

  // The refusal of a task that would come now.
  st::Status CheckAccepts(bool is_command) ST_REQUIRES(mu_);
  void Enqueue(Task task);
  void DequeueTasks(std::int64_t now_us);
  void Execute(Task task, Phase phase);
  void ExecuteCommand(Task& task);
  // True: the task is answered.
  bool AnswerIfRepeated(Task& task);
  // Builds the command's batch and reserves room for it in the log's queue. This comes before the
  // state changes: other producers fill the queue too, and a state that is ahead of the log has to
  // be rebuilt. nullopt: the task was answered with the error.
  std::optional<GameLog::Batch> PrepareOrReject(Task& task, const game::Decision& decision,
                                                std::int64_t time_ms);
  // Answers the task with `error`. Requires: nothing was appended or applied.
  void Reject(Task& task, const Error& error);
  void Append(Task& task, game::Reply reply, std::int64_t time_ms, GameLog::Batch batch);
  void AnswerWhenDurable(game::Reply reply, GameDone done);
  void OnAppended(Flight& flight, const Result<Offset>& base);
  // In kRebuilding, once nothing is in flight: rebuilds the state from the log.
  st::Status RebuildState();
  // Follows kRebuilding: enters kReady, or kBackingOff after appends failed in a row.
  void BackOff() ST_REQUIRES(mu_);
  void EndBackOff(std::int64_t now_us) ST_REQUIRES(mu_);
  void EndIfStopped();
  void StepSnapshot();
  static std::unexpected<Error> Refuse(std::string_view why) {
    return Fail(ErrorCode::kUnavailable, "{}; retry later", why);
  }
  static std::unexpected<Error> RefuseWhileRebuilding() {
    return Refuse("the game's state is being rebuilt from the log");
  }

  struct Counters {
    explicit Counters(MetricRegistry& registry);
    Metric& done;
    Metric& refused;
    Metric& repeated;
    Metric& failed;
    Metric& rebuilds;
  };

  const os::Env env_;
  idempotency::KeyStore& answers_;
  const Options options_;
  MetricRegistry unread_;  // used where `env` has none
  Counters counters_;
  const std::unique_ptr<GameLog> game_log_;  // synchronises itself
  const GameSnapshots snapshots_;

  // The owner's.
  std::unique_ptr<game::State> state_;
  GameSnapshotter snapshotter_;  // uses the state
  std::int64_t last_time_ms_ = 0;
  std::deque<Task> dequeued_;  // to be executed next
  os::Thread thread_;
  std::unique_ptr<HistoryReader> history_;

  mutable Mutex mu_;
  CondVar wake_;
  Phase phase_ ST_GUARDED_BY(mu_) = Phase::kReady;
  std::deque<Task> tasks_ ST_GUARDED_BY(mu_);
  std::deque<WaitingRead> waiting_ ST_GUARDED_BY(mu_);
  std::int64_t back_off_us_ ST_GUARDED_BY(mu_) =
      0;  // the next one's length; 0: the last append was stored
  std::int64_t back_off_end_us_ ST_GUARDED_BY(mu_) = 0;  // of kBackingOff, monotonic
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  Status status_ ST_GUARDED_BY(mu_);
};

}  // namespace st::game_service
