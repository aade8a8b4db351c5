// MOVER: the game's commands -> topic `game`, and the state that its records make.
//
// One owner thread decides each command against the state, applies its events and appends them as
// one batch with the key and the answer as headers of its first record (I9); the answer goes out
// when that is durable. Batches carry the service's producer id and sequence, so that after one
// that failed no later one gets into the log; then the state is made again from the log.
//
// Threads: safe from any thread; answers come on the owner's ("game"), the log's commit thread or a
//          history thread, and must not block.
// Owner:   main; all of Parts must outlive it. Stop it before the log.
// Durable: a command is answered when it is durable, a read when the newest state that it used is.
// Limits:  limits.h: kMaxGameTasks, kMaxGameInFlight, kMaxHistoryReads, kHistoryReadUs. After an
// append
//          failed commands are let in at once, after one more in 100 ms, doubled up to 5 s; reads
//          go on.
// Metrics: steelthread_game_commands_total by outcome, steelthread_game_rebuilds_total.
// Errors:  kUnavailable too much waits, or the state is being made again: nothing happened;
//          kOutcomeUnknown the log failed under it; kIo the log refuses until it is reopened;
//          kConflict the key is in flight; kAlreadyExists it came with another request;
//          kInvalidArgument a moment after the log's end; kNotFound retention took what a moment
//          needs; kDeadline making the state of a moment took too long; kShutdown.
// Format:  docs/formats/game_snapshot.md
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
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
#include "game_service/snapshots.h"
#include "game_service/snapshotter.h"
#include "idempotency/key_store.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/thread.h"

namespace st::game_service {

struct GameResult {
  game::Reply reply;
  // The command's first record, or the last that the state read from knows; none where nothing was
  // stored.
  std::optional<Offset> position;
};
using GameDone = std::move_only_function<void(const Result<GameResult>&)>;

struct CommandKey {
  std::string key;  // "": none
  idempotency::KeyScope scope{};
  idempotency::Hash128 request;
  idempotency::ScopedKey scoped_key() const { return {.scope = scope, .key = key}; }
};
// A time, in ms since the epoch, as opposed to an offset (-1: before the first record).
struct GameTime {
  std::int64_t ms = 0;
};
using GameMoment = std::variant<Offset, GameTime>;

class GameService {
 public:
  struct Parts {
    log::Log& log;
    idempotency::KeyStore& answers;
    os::FileSystem& fs;
    os::Clock& clock;
    os::Random& random;
    std::shared_ptr<const game::Catalogue> catalogue;  // until Replace
    MetricRegistry* metrics = nullptr;                 // may be null
  };
  struct Options {
    std::string dir;  // <data.dir>/game
    std::int64_t snapshot_events;
  };
  // Makes topic `game` where it is missing and the state from snapshot and log.
  static Result<std::unique_ptr<GameService>> Open(const Parts& parts, Options options);
  ~GameService();

  // The rules for what is decided or read from now on.
  void Replace(std::shared_ptr<const game::Catalogue> catalogue);

  // Requires: game::WrongIn(command) is empty.
  void Submit(game::Command command, CommandKey key, GameDone done);
  void Read(game::Query query, GameDone done);
  // The state when all records at this offset or before it, or appended at this time or before, had
  // done what they do. Of a batch all records count.
  void ReadAsOf(game::Query query, GameMoment moment, GameDone done);

  struct Status {
    std::uint64_t players = 0;
    std::int64_t next_offset = 0;
    std::int64_t snapshot_offset = 0;  // of the newest one; 0: none
    bool accepts_commands = true;
    std::string last_error;
    std::string snapshot_error;        // "" once the next snapshot is whole
    std::vector<std::string> notices;  // of damaged snapshots
  };
  Status status() const;
  // Answers what is in hand and joins. The log must still run.
  void Stop();

 private:
  struct Task;
  struct Flight;       // one appended command until it is durable
  struct WaitingRead;  // a read until what it used is durable
  class History;

  GameService(const Parts& parts, Options options);
  st::Status Recover();

  void Loop();
  st::Status MayEnqueue(bool is_command) const ST_REQUIRES(mu_);
  void Enqueue(Task task);
  std::vector<Task> TakeTasks();
  void Execute(Task task);
  void ExecuteCommand(Task& task);
  // True: the task is answered.
  bool AnswerIfRepeated(Task& task);
  // Reserves room for the batch in the log's queue; nullptr: the task was answered with the error.
  std::unique_ptr<log::QueueRoom> ReserveOrReject(Task& task, const std::string& batch);
  // Answers the task with `error`. Requires: nothing was appended or applied.
  void Reject(Task& task, const Error& error);
  std::string BatchOf(const Task& task, const game::Decision& decision, std::int64_t time_ms) const;
  void Append(Task& task, game::Decision decision, std::int64_t time_ms, std::string batch,
              std::unique_ptr<log::QueueRoom> room);
  void AwaitFirst();
  void AnswerWhenDurable(game::Reply reply, GameDone done);
  void OnAppended(std::shared_ptr<Flight> flight, const Result<log::AppendResult>& result);
  // After a failed append: waits until nothing is in flight, then rebuilds the state from the log.
  void RebuildState();
  void StepSnapshot();
  std::shared_ptr<const game::Catalogue> catalogue() const {
    return catalogue_.With([](const auto& now) { return now; });
  }
  // Refuses commands for a while after appends failed twice in a row.
  void BackOff() ST_REQUIRES(mu_);
  static std::unexpected<Error> Refuse(std::string_view why) {
    return Fail(ErrorCode::kUnavailable, "{}; retry later", why);
  }

  struct Counters {
    explicit Counters(MetricRegistry& registry);
    Metric& done;
    Metric& refused;
    Metric& repeated;
    Metric& failed;
    Metric& rebuilds;
  };

  const Parts parts_;
  const Options options_;
  MetricRegistry unread_;  // where Parts has none
  Counters counters_;
  TopicPartition tp_;  // constant after Open
  const GameSnapshots snapshots_;
  Guarded<std::shared_ptr<const game::Catalogue>> catalogue_;

  // Of the owner thread.
  GameSnapshotter snapshotter_;
  std::unique_ptr<game::State> state_;
  std::int64_t next_offset_ = 0;
  std::int64_t last_time_ms_ = 0;
  ProducerId producer_;  // a new one each time the state was made
  std::int32_t next_sequence_ = 0;
  bool is_producer_known_ = false;  // to the log: a batch of it is durable
  os::Thread thread_;
  std::unique_ptr<History> history_;

  mutable Mutex mu_;
  CondVar wake_;
  std::deque<Task> tasks_ ST_GUARDED_BY(mu_);
  std::int64_t applied_ ST_GUARDED_BY(mu_) = 0;  // offset behind what was appended
  std::int64_t durable_ ST_GUARDED_BY(mu_) = 0;  // of it, durable
  std::size_t in_flight_ ST_GUARDED_BY(mu_) = 0;
  std::deque<WaitingRead> waiting_ ST_GUARDED_BY(mu_);
  std::optional<Error> failure_ ST_GUARDED_BY(mu_);  // of the first append that failed
  bool is_poisoned_ ST_GUARDED_BY(mu_) = false;      // until the log is reopened
  // After appends failed twice in a row: commands wait until then for a log that takes none, so
  // that a full disk does not cost the making of a state a command. Reads go on.
  std::int64_t retry_at_us_ ST_GUARDED_BY(mu_) = 0;
  std::int64_t pause_us_ ST_GUARDED_BY(mu_) = 0;  // the next one; 0: the last append was stored
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  bool is_owner_waiting_ ST_GUARDED_BY(mu_) = false;  // until nothing is in flight
  Status status_ ST_GUARDED_BY(mu_);
};

}  // namespace st::game_service
