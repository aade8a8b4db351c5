#include "stream/runner.h"

#include <algorithm>
#include <utility>

#include "base/mutex.h"
#include "base/text.h"
#include "os/thread.h"
#include "stream/limits.h"
#include "stream/pipeline.h"

namespace st::stream {
namespace {

using Ends = std::vector<std::int64_t>;  // by partition

// One pipeline's thread and what others may see of it.
class PipelineThread {
 public:
  PipelineThread(Dependencies dependencies, Definition definition, TransformerFactory factory)
      : to_(dependencies), definition_(std::move(definition)), factory_(std::move(factory)) {
    status_.name = definition_.name;
    status_.table = "default." + definition_.name;
    status_.topic = definition_.topic;
  }

  void Start() {
    thread_ = os::Thread("pipe-" + definition_.name, [this] { Loop(); });
  }

  void RequestStop() {
    MutexLock lock(mu_);
    is_stopping_ = true;
    wake_.NotifyAll();
    done_.NotifyAll();
    // Under the lock: the thread takes its transformer away under it too.
    if (transformer_ != nullptr) transformer_->Cancel();
  }
  void Join() { thread_.Join(); }

  PipelineStatus Status() const {
    PipelineStatus status;
    {
      MutexLock lock(mu_);
      status = status_;
    }
    FillEnds(status);
    return status;
  }

  Result<RunReport> RunOnce(std::int64_t timeout_us);

 private:
  void Loop();
  // One step; returns when to look again, in microseconds of the monotonic clock.
  std::int64_t StepAndNote(Pipeline& pipeline, std::int64_t started_us);
  void Note(const Result<StepReport>& step) ST_REQUIRES(mu_);
  void FillEnds(PipelineStatus& status) const;
  bool IsAt(const Ends& ends) const ST_REQUIRES(mu_);

  Dependencies to_;
  const Definition definition_;
  const TransformerFactory factory_;
  os::Thread thread_;

  mutable Mutex mu_;
  mutable CondVar wake_;  // the thread: a run or the end is asked for
  CondVar done_;          // runs: a step ended
  PipelineStatus status_ ST_GUARDED_BY(mu_);
  Transformer* transformer_ ST_GUARDED_BY(mu_) = nullptr;
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  bool is_asked_ ST_GUARDED_BY(mu_) = false;
  std::int64_t steps_begun_ ST_GUARDED_BY(mu_) = 0;
  std::int64_t steps_done_ ST_GUARDED_BY(mu_) = 0;
  std::optional<Error> last_error_ ST_GUARDED_BY(mu_);  // of the last step
  std::int64_t failures_ ST_GUARDED_BY(mu_) = 0;        // in a row
  RunReport total_ ST_GUARDED_BY(mu_);                  // since the start
};

void PipelineThread::FillEnds(PipelineStatus& status) const {
  const auto topic = to_.log.FindTopic(definition_.topic);
  if (!topic) return;
  for (std::int32_t p = 0; p < topic->partitions; ++p) {
    const TopicPartition tp{.topic = topic->id, .partition = PartitionId(p)};
    const std::int64_t end = to_.log.EndOffset(tp).value();
    const auto index = static_cast<std::size_t>(p);
    if (status.partitions.size() <= index) {
      status.partitions.push_back(
          {.partition = p, .next = to_.log.StartOffset(tp).value(), .end = end});
    }
    status.partitions[index].end = end;
    status.lag += std::max<std::int64_t>(end - status.partitions[index].next, 0);
  }
}

void PipelineThread::Loop() {
  const auto transformer = factory_();
  Pipeline pipeline(to_, definition_, *transformer);
  {
    MutexLock lock(mu_);
    transformer_ = transformer.get();
  }
  while (true) {
    {
      MutexLock lock(mu_);
      if (is_stopping_) break;
      is_asked_ = false;
      ++steps_begun_;
      if (status_.state != PipelineState::kNeedsPerson) status_.state = PipelineState::kRunning;
    }
    const std::int64_t started_us = to_.clock.MonotonicUs();
    const std::int64_t next_us = StepAndNote(pipeline, started_us);
    MutexLock lock(mu_);
    while (!is_stopping_ && !is_asked_) {
      const std::int64_t left_us = next_us - to_.clock.MonotonicUs();
      if (left_us <= 0) break;
      wake_.WaitFor(mu_, std::chrono::microseconds(std::min<std::int64_t>(left_us, 1'000'000)));
      transformer->Reap();
    }
    if (is_stopping_) break;
  }
  MutexLock lock(mu_);
  transformer_ = nullptr;
}

std::int64_t PipelineThread::StepAndNote(Pipeline& pipeline, std::int64_t started_us) {
  const auto step = pipeline.Step(to_.clock.NowUs());
  MutexLock lock(mu_);
  Note(step);
  ++steps_done_;
  done_.NotifyAll();
  if (step && step->has_more) return 0;
  std::int64_t delay_us = definition_.trigger_us;
  if (!step && NeedsPerson(step.error())) {
    delay_us = std::max(delay_us, kMaxRetryDelayUs);
  } else if (!step) {
    delay_us = std::min(std::max(delay_us, kMinTriggerUs << std::min<std::int64_t>(failures_, 10)),
                        std::max(delay_us, kMaxRetryDelayUs));
  }
  return started_us + delay_us;
}

void PipelineThread::Note(const Result<StepReport>& step) {
  if (!step) {
    last_error_ = step.error();
    ++failures_;
    status_.last_error = step.error().message();
    status_.state =
        NeedsPerson(step.error()) ? PipelineState::kNeedsPerson : PipelineState::kRetrying;
    return;
  }
  last_error_.reset();
  failures_ = 0;
  status_.last_error.clear();
  status_.state = step->is_waiting_for_topic ? PipelineState::kWaitingForTopic
                  : step->has_more           ? PipelineState::kRunning
                                             : PipelineState::kIdle;
  status_.partitions = step->partitions;
  status_.rows = step->table_rows;
  status_.dead_letters = step->total_dead_letters;
  total_.records += step->records;
  total_.rows += step->rows;
  total_.dead_letters += step->dead_letters;
}

bool PipelineThread::IsAt(const Ends& ends) const {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (i >= status_.partitions.size() || status_.partitions[i].next < ends[i]) return false;
  }
  return true;
}

Result<RunReport> PipelineThread::RunOnce(std::int64_t timeout_us) {
  const std::int64_t deadline_us = to_.clock.MonotonicUs() + timeout_us;
  Ends ends;
  const auto topic = to_.log.FindTopic(definition_.topic);
  for (std::int32_t p = 0; topic && p < topic->partitions; ++p) {
    ends.push_back(to_.log.EndOffset({.topic = topic->id, .partition = PartitionId(p)}).value());
  }
  MutexLock lock(mu_);
  const RunReport before = total_;
  const std::int64_t first = steps_begun_;  // a step that began before may have seen less
  is_asked_ = true;
  wake_.NotifyAll();
  while (true) {
    if (is_stopping_) return Fail(ErrorCode::kShutdown, "the pipelines stop");
    if (steps_done_ > first) {
      if (last_error_) return std::unexpected(*last_error_);
      if (IsAt(ends)) break;
      // An earlier limit ended the step, and the thread goes on; or it stopped short of our ends.
      if (status_.state != PipelineState::kRunning) is_asked_ = true;
      wake_.NotifyAll();
    }
    const std::int64_t left_us = deadline_us - to_.clock.MonotonicUs();
    if (left_us <= 0) {
      return Fail(ErrorCode::kDeadline,
                  "pipeline '{}' did not reach the log's end within {} s; it goes on by itself",
                  definition_.name, timeout_us / 1'000'000);
    }
    done_.WaitFor(mu_, std::chrono::microseconds(std::min<std::int64_t>(left_us, 1'000'000)));
  }
  return RunReport{.is_waiting_for_topic = status_.state == PipelineState::kWaitingForTopic,
                   .records = total_.records - before.records,
                   .rows = total_.rows - before.rows,
                   .dead_letters = total_.dead_letters - before.dead_letters};
}

class RunnerImpl final : public Runner {
 public:
  RunnerImpl(Dependencies dependencies, RunnerOptions options) {
    auto factory = options.make_transformer;
    if (!factory) {
      const jobs::WorkerOptions worker{.kind = jobs::WorkerKind::kTransform,
                                       .program = options.worker_program,
                                       .warehouse = options.warehouse,
                                       .memory_limit_bytes = options.worker_memory_bytes,
                                       .threads = options.worker_threads};
      factory = [&clock = dependencies.clock, worker] {
        return MakeWorkerTransformer(clock, worker, kJobTimeoutUs);
      };
    }
    for (auto& definition : options.definitions) {
      threads_.push_back(
          std::make_unique<PipelineThread>(dependencies, std::move(definition), factory));
    }
    for (const auto& thread : threads_) thread->Start();
  }

  ~RunnerImpl() override { Stop(); }

  std::vector<PipelineStatus> Status() const override {
    std::vector<PipelineStatus> all;
    for (const auto& thread : threads_) all.push_back(thread->Status());
    return all;
  }

  Result<RunReport> RunOnce(const std::string& name, std::int64_t timeout_us) override {
    std::vector<std::string> names;
    for (const auto& thread : threads_) {
      names.push_back(thread->Status().name);
      if (names.back() == name) return thread->RunOnce(timeout_us);
    }
    const auto nearest = NearestName(name, names);
    std::string list;
    for (const auto& one : names) list += (list.empty() ? "" : ", ") + one;
    return Fail(ErrorCode::kNotFound, "no pipeline '{}'{}; this project has {}", name,
                nearest ? fmt::format("; did you mean '{}'?", *nearest) : "",
                list.empty() ? "none: declare them in pipelines/*.sql" : list);
  }

  void Stop() override {
    for (const auto& thread : threads_) thread->RequestStop();
    for (const auto& thread : threads_) thread->Join();
  }

 private:
  std::vector<std::unique_ptr<PipelineThread>> threads_;
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
  }
  return "unknown";
}

Result<std::unique_ptr<Runner>> Runner::Start(Dependencies dependencies, RunnerOptions options) {
  ST_TRY_STATUS(CheckTogether(options.definitions));
  return std::make_unique<RunnerImpl>(dependencies, std::move(options));
}

}  // namespace st::stream
