#include "stream/runner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "base/text.h"
#include "os/thread.h"
#include "stream/crowding.h"
#include "stream/flow_tables.h"
#include "stream/limits.h"
#include "stream/pipeline.h"
#include "stream/standing.h"
#include "stream/worker_transformer.h"

namespace st::stream {
namespace {

// A failing disk may recover before a person acts, so these errors are retried with the usual
// delays.
bool MayPass(const Error& error) {
  return error.code() == ErrorCode::kIo || error.code() == ErrorCode::kOutcomeUnknown;
}

Error Paused(const PipelineStatus& status) {
  return Error(
      ErrorCode::kConflict,
      fmt::format("pipeline \"{}\" is paused ({}); `steelthread pipeline resume {}` lets it "
                  "go on",
                  status.name, status.paused, status.name));
}

void TakeStanding(const Standing& standing, PipelineStatus& status) {
  status.is_position_known = true;
  status.partitions = standing.partitions;
  status.rows = standing.rows;
  status.dead_letters = standing.dead_letters;
  status.paused = standing.paused;
}

// One pipeline of a lane, and its status for other threads.
struct Member {
  explicit Member(dialect::spark::Definition d) : definition(std::move(d)) {
    status.name = definition.name;
    status.table = "default." + definition.name;
    status.topics = definition.topics;
  }
  const dialect::spark::Definition definition;
  // Used by the lane's thread only.
  std::unique_ptr<Pipeline> pipeline;
  std::int64_t next_us = 0;     // monotonic time of the next step
  std::int64_t started_us = 0;  // of the last step, or of the lane
  // By the table at this version. Steps wait for its holds until `held_until_us`.
  std::int64_t seen_version = 0;
  Slowdown slowdown;
  std::int64_t held_until_us = 0;
  std::int64_t due_us() const { return std::max(next_us, held_until_us); }
  // Guarded by the lane's mutex.
  PipelineStatus status;
  bool is_asked = false;
  std::int64_t steps_begun = 0;
  std::int64_t steps_done = 0;
  std::optional<Error> last_error;  // error of the last step
  Lsn up_to;                        // the table holds all entries below
  RunReport total;                  // sums since the start
};

// One thread and one worker for pipelines that take turns.
class Lane {
 public:
  Lane(Dependencies dependencies, TransformerFactory factory)
      : to_(dependencies), factory_(std::move(factory)) {}

  // Requires: Start was not called yet.
  void Add(dialect::spark::Definition definition) {
    members_.push_back(std::make_unique<Member>(std::move(definition)));
    NoteStanding(*members_.back());
  }
  void Start() {
    const dialect::spark::Definition& first = members_.front()->definition;
    const std::string name = first.lane.empty() ? first.name : first.lane;
    thread_ = os::Thread("pipe-" + name, [this] { Loop(); });
  }

  void RequestStop() {
    MutexLock lock(mu_);
    is_stopping_ = true;
    wake_.NotifyAll();
    done_.NotifyAll();
    // The lock is held, since the thread clears transformer_ under it.
    if (transformer_ != nullptr) transformer_->Cancel();
  }
  void Join() { thread_.Join(); }

  const std::vector<std::unique_ptr<Member>>& members() const { return members_; }
  PipelineStatus Status(const Member& member) const {
    PipelineStatus status;
    {
      MutexLock lock(mu_);
      status = member.status;
    }
    FillEnds(status);
    return status;
  }

  Result<RunReport> RunOnce(Member& member, std::int64_t timeout_us);
  st::Status AwaitStep(Member& member, std::int64_t timeout_us);

 private:
  void Loop();
  // Sets the status from the table, before the pipeline's first step.
  void NoteStanding(Member& member) const;
  // Finds out how the member's table slows it now.
  void LookAtTable(Member& member) ST_REQUIRES(mu_);
  // Waits until a member is due, and returns the first one; nullptr: the lane stops.
  Member* Next(Transformer& transformer);
  void StepAndNote(Member& member);
  void Note(Member& member, const Result<StepReport>& step) ST_REQUIRES(mu_);
  void FillEnds(PipelineStatus& status) const;

  Dependencies to_;
  const TransformerFactory factory_;
  std::vector<std::unique_ptr<Member>> members_;
  os::Thread thread_;

  mutable Mutex mu_;
  mutable CondVar wake_;  // tells the thread that a run or the stop is requested
  CondVar done_;          // tells runs that a step ended
  Transformer* transformer_ ST_GUARDED_BY(mu_) = nullptr;
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
};

void Lane::NoteStanding(Member& member) const {
  PipelineStatus& status = member.status;
  auto standing = ReadStanding(to_.log, to_.lake, member.definition);
  if (!standing) {
    status.last_error = standing.error().message();
    status.state =
        NeedsPerson(standing.error()) ? PipelineState::kNeedsPerson : PipelineState::kRetrying;
    return;
  }
  TakeStanding(*standing, status);
  if (!status.paused.empty()) status.state = PipelineState::kPaused;
}

void Lane::FillEnds(PipelineStatus& status) const {
  if (!status.is_position_known) return;
  for (const auto& name : status.topics) {
    const auto topic = to_.log.FindTopic(name);
    if (!topic) {
      std::erase_if(status.partitions, [&](const auto& one) { return one.topic == name; });
      continue;
    }
    // The topic was created after the last step; the next step reads it.
    if (status.state == PipelineState::kWaitingForTopic) status.state = PipelineState::kIdle;
    for (std::int32_t p = 0; p < topic->partitions; ++p) {
      const TopicPartition tp{.topic = topic->id, .partition = PartitionId(p)};
      auto known = std::ranges::find_if(status.partitions, [&](const PartitionStatus& one) {
        return one.topic == name && one.partition == p;
      });
      if (known == status.partitions.end()) {
        known = status.partitions.insert(
            known, {.topic = name, .partition = p, .next = to_.log.StartOffset(tp).value()});
      }
      known->end = to_.log.EndOffset(tp).value();
      status.lag += std::max<std::int64_t>(known->end - known->next, 0);
    }
  }
}

void Lane::Loop() {
  const auto transformer = factory_();
  for (const auto& member : members_) {
    member->started_us = to_.env.clock.MonotonicUs();
    member->pipeline = std::make_unique<Pipeline>(to_, member->definition, *transformer);
  }
  {
    MutexLock lock(mu_);
    transformer_ = transformer.get();
  }
  while (Member* member = Next(*transformer)) StepAndNote(*member);
  for (const auto& member : members_) member->pipeline.reset();
  MutexLock lock(mu_);
  transformer_ = nullptr;
}

// A hold that was released, or whose reader has moved on, lets the pipeline go on at once.
void Lane::LookAtTable(Member& member) {
  const auto view = to_.lake.Load(TableOf(member.definition));
  if (!view || (*view)->version == member.seen_version) return;
  member.seen_version = (*view)->version;
  member.slowdown = SlowdownOf(**view, to_.env.clock.NowUs());
  member.status.slowed = member.slowdown.reason;
  const auto delay_us = member.slowdown.held_delay_us;
  const auto from_us = member.slowdown.has_room ? member.started_us : to_.env.clock.MonotonicUs();
  member.held_until_us = delay_us == 0 ? 0 : from_us + delay_us;
}

Member* Lane::Next(Transformer& transformer) {
  MutexLock lock(mu_);
  while (!is_stopping_) {
    Member* due = members_.front().get();
    for (const auto& member : members_) {
      LookAtTable(*member);
      if (member->is_asked) member->next_us = member->held_until_us = 0;
      if (member->due_us() < due->due_us()) due = member.get();
    }
    const std::int64_t left_us = due->due_us() - to_.env.clock.MonotonicUs();
    if (left_us > 0) {
      wake_.WaitFor(mu_, std::chrono::microseconds(std::min<std::int64_t>(left_us, 1'000'000)));
      transformer.Reap();
      continue;
    }
    due->is_asked = false;
    ++due->steps_begun;
    const auto state = due->status.state;
    if (state != PipelineState::kNeedsPerson && state != PipelineState::kPaused) {
      due->status.state = PipelineState::kRunning;
    }
    return due;
  }
  return nullptr;
}

void Lane::StepAndNote(Member& member) {
  const std::int64_t started_us = to_.env.clock.MonotonicUs();
  const auto step = member.pipeline->Step(to_.env.clock.NowUs());
  // A failed step reports nothing, so the table is asked where it stands.
  const auto standing = step ? std::unexpected(Error(ErrorCode::kNotFound, ""))
                             : ReadStanding(to_.log, to_.lake, member.definition);
  MutexLock lock(mu_);
  member.started_us = started_us;
  member.seen_version = 0;  // the delay counts from this step
  LookAtTable(member);
  Note(member, step);
  if (standing) TakeStanding(*standing, member.status);
  ++member.steps_done;
  done_.NotifyAll();
  std::int64_t delay_us = member.definition.trigger_us;
  if (!step && NeedsPerson(step.error()) && !MayPass(step.error())) {
    delay_us = std::max(delay_us, kMaxRetryDelayUs);
  } else if (!step) {
    const auto doublings = std::min<std::int64_t>(member.status.failures, 10);
    delay_us = std::min(std::max(delay_us, dialect::spark::kMinTriggerUs << doublings),
                        std::max(delay_us, kMaxRetryDelayUs));
  } else {
    delay_us = std::max(delay_us, member.slowdown.crowded_delay_us);
  }
  // A pipeline with more to do is due at once, but behind others of the lane that are due already.
  const bool has_more = step && step->has_more;
  member.next_us = has_more ? to_.env.clock.MonotonicUs() : started_us + delay_us;
}

void Lane::Note(Member& member, const Result<StepReport>& step) {
  PipelineStatus& status = member.status;
  if (!step) {
    member.last_error = step.error();
    ++status.failures;
    status.last_error = step.error().message();
    status.state =
        NeedsPerson(step.error()) ? PipelineState::kNeedsPerson : PipelineState::kRetrying;
    return;
  }
  member.last_error.reset();
  member.up_to = std::max(member.up_to, step->up_to);
  status.failures = 0;
  status.last_error.clear();
  status.paused = step->paused;
  status.state = !step->paused.empty()        ? PipelineState::kPaused
                 : step->is_waiting_for_topic ? PipelineState::kWaitingForTopic
                 : step->has_more             ? PipelineState::kRunning
                                              : PipelineState::kIdle;
  status.is_position_known = true;
  status.partitions = step->partitions;
  status.rows = step->table_rows;
  status.dead_letters = step->total_dead_letters;
  member.total.records += step->records;
  member.total.rows += step->rows;
  member.total.dead_letters += step->dead_letters;
}

Result<RunReport> Lane::RunOnce(Member& member, std::int64_t timeout_us) {
  const std::int64_t deadline_us = to_.env.clock.MonotonicUs() + timeout_us;
  const Lsn end = to_.log.end_lsn();
  MutexLock lock(mu_);
  const RunReport before = member.total;
  const std::int64_t first = member.steps_begun;  // an earlier step may not see all entries
  member.is_asked = true;
  wake_.NotifyAll();
  while (true) {
    if (is_stopping_) return Fail(ErrorCode::kShutdown, "the pipelines stop");
    if (member.steps_done > first) {
      if (member.last_error) return std::unexpected(*member.last_error);
      if (!member.status.paused.empty()) return std::unexpected(Paused(member.status));
      if (member.up_to >= end) break;
      // The step stopped at a limit and the thread continues, or it ended before `end` and is asked
      // again.
      if (member.status.state != PipelineState::kRunning) member.is_asked = true;
      wake_.NotifyAll();
    }
    const std::int64_t left_us = deadline_us - to_.env.clock.MonotonicUs();
    if (left_us <= 0) {
      return Fail(ErrorCode::kDeadline,
                  "pipeline \"{}\" did not reach the log's end within {} s; it goes on by itself",
                  member.definition.name, timeout_us / 1'000'000);
    }
    done_.WaitFor(mu_, std::chrono::microseconds(std::min<std::int64_t>(left_us, 1'000'000)));
  }
  return RunReport{.is_waiting_for_topic = member.status.state == PipelineState::kWaitingForTopic,
                   .records = member.total.records - before.records,
                   .rows = member.total.rows - before.rows,
                   .dead_letters = member.total.dead_letters - before.dead_letters};
}

st::Status Lane::AwaitStep(Member& member, std::int64_t timeout_us) {
  const std::int64_t deadline_us = to_.env.clock.MonotonicUs() + timeout_us;
  MutexLock lock(mu_);
  const std::int64_t first = member.steps_begun;
  member.is_asked = true;
  wake_.NotifyAll();
  while (member.steps_done <= first) {
    if (is_stopping_) return Fail(ErrorCode::kShutdown, "the pipelines stop");
    const std::int64_t left_us = deadline_us - to_.env.clock.MonotonicUs();
    if (left_us <= 0) {
      return Fail(ErrorCode::kDeadline, "pipeline \"{}\" is still in the step that it began before",
                  member.definition.name);
    }
    done_.WaitFor(mu_, std::chrono::microseconds(std::min<std::int64_t>(left_us, 1'000'000)));
  }
  if (member.last_error) return std::unexpected(*member.last_error);
  return {};
}

class RunnerImpl final : public Runner {
 public:
  RunnerImpl(Dependencies dependencies, RunnerOptions options)
      : to_(dependencies), factory_(std::move(options.make_transformer)) {
    if (!factory_) {
      const jobs::WorkerOptions worker{.kind = jobs::WorkerKind::kTransform,
                                       .program = options.worker_program,
                                       .warehouse = options.warehouse,
                                       .memory_limit_bytes = options.worker_memory_bytes,
                                       .threads = options.worker_threads,
                                       .starts = options.worker_starts};
      factory_ = [&clock = dependencies.env.clock, worker] {
        return MakeWorkerTransformer(clock, worker, kJobTimeoutUs);
      };
    }
    MutexLock lock(mu_);
    lanes_ = StartLanes(std::move(options.definitions));
  }

  ~RunnerImpl() override { Stop(); }

  std::vector<PipelineStatus> Status() const override {
    std::vector<PipelineStatus> all;
    for (const auto& lane : Lanes()) {
      for (const auto& member : lane->members()) all.push_back(lane->Status(*member));
    }
    return all;
  }

  Result<dialect::spark::Definition> Find(const std::string& name) const override {
    ST_TRY(const auto found, FindMember(name));
    return found.member->definition;
  }

  Result<RunReport> RunOnce(const std::string& name, std::int64_t timeout_us) override {
    ST_TRY(const auto found, FindMember(name));
    return found.lane->RunOnce(*found.member, timeout_us);
  }

  st::Status AwaitStep(const std::string& name, std::int64_t timeout_us) override {
    ST_TRY(const auto found, FindMember(name));
    return found.lane->AwaitStep(*found.member, timeout_us);
  }

  st::Status Replace(const MakeDefinitions& make) override {
    MutexLock replacing(replace_mu_);  // only one replacement runs at a time
    const LaneList old = Lanes();
    StopLanes(old);
    auto made = make();
    const st::Status fit =
        made ? dialect::spark::CheckTogether(*made) : st::Status(std::unexpected(made.error()));
    MutexLock lock(mu_);
    if (is_stopped_) return Fail(ErrorCode::kShutdown, "the pipelines stop");
    lanes_ = StartLanes(fit ? std::move(*made) : DefinitionsOf(old));
    return fit;
  }

  void Stop() override {
    {
      MutexLock lock(mu_);
      is_stopped_ = true;
    }
    MutexLock replacing(replace_mu_);  // a lane is joined by one thread at a time
    StopLanes(Lanes());
  }

 private:
  using LaneList = std::vector<std::shared_ptr<Lane>>;

  LaneList Lanes() const {
    MutexLock lock(mu_);
    return lanes_;
  }
  struct Found {
    std::shared_ptr<Lane> lane;  // owns the member
    Member* member = nullptr;
  };
  Result<Found> FindMember(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& lane : Lanes()) {
      for (const auto& member : lane->members()) {
        names.push_back(member->definition.name);
        if (EqualsIgnoreCase(names.back(), name)) return Found{lane, member.get()};
      }
    }
    const auto nearest = NearestName(name, names);
    if (nearest) {
      return Fail(ErrorCode::kNotFound, "no pipeline \"{}\"; did you mean \"{}\"?", name, *nearest);
    }
    std::string list;
    for (const auto& one : names) list += (list.empty() ? "" : ", ") + one;
    return Fail(ErrorCode::kNotFound, "no pipeline \"{}\"; {}", name,
                list.empty() ? "this project has none: declare them in pipelines/*.sql"
                             : "a pipeline has the name of its table; this project has " + list);
  }
  static std::vector<dialect::spark::Definition> DefinitionsOf(const LaneList& lanes) {
    std::vector<dialect::spark::Definition> definitions;
    for (const auto& lane : lanes) {
      for (const auto& member : lane->members()) definitions.push_back(member->definition);
    }
    return definitions;
  }
  LaneList StartLanes(std::vector<dialect::spark::Definition> definitions) const {
    LaneList lanes;
    std::map<std::string, Lane*> named;
    for (auto& definition : definitions) {
      Lane*& lane = named[definition.lane.empty() ? "/" + definition.name : definition.lane];
      if (lane == nullptr) {
        lanes.push_back(std::make_shared<Lane>(to_, factory_));
        lane = lanes.back().get();
      }
      lane->Add(std::move(definition));
    }
    for (const auto& lane : lanes) lane->Start();
    return lanes;
  }
  static void StopLanes(const LaneList& lanes) {
    for (const auto& lane : lanes) lane->RequestStop();
    for (const auto& lane : lanes) lane->Join();
  }

  const Dependencies to_;
  TransformerFactory factory_;
  Mutex replace_mu_;  // held by the thread that joins lanes
  mutable Mutex mu_;
  LaneList lanes_ ST_GUARDED_BY(mu_);
  bool is_stopped_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace

std::string PipelineStateName(PipelineState state) {
  switch (state) {
    case PipelineState::kWaitingForTopic:
      return "waiting for topic";
    case PipelineState::kRunning:
      return "running";
    case PipelineState::kIdle:
      return "idle";
    case PipelineState::kRetrying:
      return "retrying";
    case PipelineState::kNeedsPerson:
      return "needs a person";
    case PipelineState::kPaused:
      return "paused";
  }
  return "unknown";
}

Result<std::unique_ptr<Runner>> Runner::Start(Dependencies dependencies, RunnerOptions options) {
  ST_TRY_STATUS(dialect::spark::CheckTogether(options.definitions));
  return std::make_unique<RunnerImpl>(dependencies, std::move(options));
}

}  // namespace st::stream
