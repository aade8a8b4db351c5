#include "upkeep/upkeep.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/metrics.h"
#include "base/mutex.h"
#include "os/thread.h"
#include "upkeep/file_groups.h"
#include "upkeep/limits.h"
#include "upkeep/scrubber.h"
#include "upkeep/worker_rewriter.h"

namespace st::upkeep {
namespace {

class Counters {
 public:
  explicit Counters(MetricRegistry* metrics) {
    if (metrics == nullptr) return;
    const auto counter = [metrics](const char* name, const char* help) {
      return &metrics->Counter(name, help);
    };
    rewrites_ = counter("steelthread_upkeep_rewrites_total",
                        "Rewrites of small data files into a larger one.");
    failures_ = counter("steelthread_upkeep_failures_total", "Rewrites that failed.");
    input_bytes_ =
        counter("steelthread_upkeep_input_bytes_total", "Bytes of data files that were rewritten.");
    output_bytes_ =
        counter("steelthread_upkeep_output_bytes_total", "Bytes of the files written for them.");
    seconds_ = &metrics->Distribution("steelthread_upkeep_rewrite_seconds",
                                      "Time of one rewrite, with its check and commit.",
                                      {0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300});
    orphans_ = counter("steelthread_upkeep_orphans_removed_total",
                       "Files that nothing named; each is removed an hour later.");
    scrubbed_bytes_ = counter("steelthread_upkeep_scrubbed_bytes_total",
                              "Bytes of data files that were compared with their checksums.");
  }
  void Rewrote(const RewriteReport& report) {
    Add(rewrites_, 1);
    Add(input_bytes_, report.input_bytes);
    Add(output_bytes_, report.output_bytes);
  }
  void Failed() { Add(failures_, 1); }
  void WasBusy(std::int64_t us) {
    if (seconds_ != nullptr) seconds_->Observe(static_cast<double>(us) / 1e6);
  }
  void Scrubbed(std::int64_t bytes) { Add(scrubbed_bytes_, bytes); }
  void RemovedOrphans(std::size_t files) { Add(orphans_, static_cast<std::int64_t>(files)); }

 private:
  static void Add(Metric* metric, std::int64_t count) {
    if (metric != nullptr) metric->Add(count);
  }

  Metric* rewrites_ = nullptr;
  Metric* failures_ = nullptr;
  Metric* input_bytes_ = nullptr;
  Metric* output_bytes_ = nullptr;
  Histogram* seconds_ = nullptr;
  Metric* orphans_ = nullptr;
  Metric* scrubbed_bytes_ = nullptr;
};

// What the thread remembers of a table. Times are monotonic.
struct Kept {
  std::int64_t looked_at_version = 0;
  bool has_plan = false;
  std::int64_t next_try_us = 0;
  std::int64_t next_orphans_us = 0;
  TableUpkeep status;
};

class UpkeepThread final : public Upkeep {
 public:
  UpkeepThread(Dependencies dependencies, const UpkeepOptions& options)
      : is_automatic_(options.is_automatic),
        lake_(dependencies.lake),
        clock_(dependencies.env.clock),
        counters_(dependencies.env.metrics),
        rewriter_(options.make_rewriter()),
        next_remove_us_(clock_.MonotonicUs() + kRemoveUs),
        scrubber_(dependencies.lake, dependencies.env.clock) {}
  ~UpkeepThread() override { Stop(); }

  void Start() override {
    thread_ = os::Thread("upkeep", [this] { Loop(); });
  }

  StepReport Step(std::int64_t now_us) override {
    rewriter_->Reap();
    const auto rest_us = is_automatic_ ? KeepUp(now_us) : 0;
    RemoveFiles();
    Scrub();
    Show();
    return {.next_us = clock_.MonotonicUs() + std::max(rest_us, kLookUs)};
  }

  std::vector<TableUpkeep> Status() const override {
    const MutexLock lock(mu_);
    return shown_;
  }

  std::vector<jobs::DamagedFile> Damage() const override {
    const MutexLock lock(mu_);
    return damage_;
  }

  Result<Compaction> Compact(const lake::TableName& table) override {
    Result<Compaction> done = Fail(ErrorCode::kShutdown, "the server stops");
    RunOnThread([&] { done = CompactAndNote(table); });
    return done;
  }

  void Stop() override {
    {
      const MutexLock lock(mu_);
      is_stopping_ = true;
      wake_.NotifyAll();
    }
    rewriter_->Cancel();
    const MutexLock joining(join_mu_);
    thread_.Join();
  }

 private:
  // Work that a caller waits for.
  struct Request {
    const std::function<void()>& work;
    bool is_over = false;
  };

  void Loop();
  // Waits until then, or for a request; false: upkeep stops.
  bool Wait(std::int64_t until_us);
  // Returns when the thread has done `work`, or when upkeep stops before it was begun.
  void RunOnThread(const std::function<void()>& work);
  // Does the oldest request; false: there is none.
  bool ServeRequest();
  void DropRequests();
  // Looks at all tables and does what is due. Returns how long upkeep rests now.
  std::int64_t KeepUp(std::int64_t now_us);
  Result<Compaction> CompactAndNote(const lake::TableName& name);
  void NoteRewrite(Kept& table, const RewriteReport& report);
  void LookAt(const lake::TableName& name);
  // The files of a table that are rewritten: a damaged one stays as it is.
  TakesFile Takes(const lake::TableName& name) const;
  // The table with the most small files that is due; nullptr: none.
  Kept* NextToRewrite(std::int64_t now_us);
  // Returns how long upkeep rests now.
  std::int64_t RewriteAndNote(Kept& table);
  void NoteFailure(Kept& table, const Error& error);
  void RemoveFiles();
  // Compares a data file with its checksum, if one is due.
  void Scrub();
  void Show();

  const bool is_automatic_;
  lake::Lake& lake_;
  os::Clock& clock_;
  Counters counters_;  // used by the thread
  const std::unique_ptr<Rewriter> rewriter_;
  std::map<lake::TableName, Kept> kept_;  // used by the thread
  std::int64_t next_remove_us_;           // used by the thread
  Scrubber scrubber_;                     // used by the thread
  std::int64_t next_scrub_us_ = 0;        // used by the thread
  mutable Mutex mu_;
  CondVar wake_;
  std::vector<TableUpkeep> shown_ ST_GUARDED_BY(mu_);
  std::vector<jobs::DamagedFile> damage_ ST_GUARDED_BY(mu_);
  bool is_stopping_ ST_GUARDED_BY(mu_) = false;
  // As many as callers wait, oldest first.
  std::deque<Request*> requests_ ST_GUARDED_BY(mu_);
  CondVar request_over_;
  Mutex join_mu_;
  os::Thread thread_;  // the last: it uses the others
};

void UpkeepThread::Loop() {
  std::int64_t next_us = clock_.MonotonicUs() + kLookUs;
  while (Wait(next_us)) {
    if (!ServeRequest()) next_us = Step(clock_.MonotonicUs()).next_us;
  }
  DropRequests();
}

std::int64_t UpkeepThread::KeepUp(std::int64_t now_us) {
  const auto names = lake_.Tables();
  std::erase_if(kept_,
                [&](const auto& one) { return !std::ranges::binary_search(names, one.first); });
  for (const auto& name : names) LookAt(name);
  auto* table = NextToRewrite(now_us);
  return table == nullptr ? 0 : RewriteAndNote(*table);
}

bool UpkeepThread::Wait(std::int64_t until_us) {
  const MutexLock lock(mu_);
  while (!is_stopping_) {
    if (!requests_.empty()) return true;
    const std::int64_t left_us = until_us - clock_.MonotonicUs();
    if (left_us <= 0) return true;
    wake_.WaitFor(mu_, std::chrono::microseconds(std::min(left_us, kLookUs)));
  }
  return false;
}

void UpkeepThread::RunOnThread(const std::function<void()>& work) {
  Request request{.work = work};
  const MutexLock lock(mu_);
  if (is_stopping_) return;
  requests_.push_back(&request);
  wake_.NotifyAll();
  while (!request.is_over) request_over_.Wait(mu_);
}

bool UpkeepThread::ServeRequest() {
  Request* request = nullptr;
  {
    const MutexLock lock(mu_);
    if (requests_.empty()) return false;
    request = requests_.front();
    requests_.pop_front();
  }
  request->work();
  const MutexLock lock(mu_);
  request->is_over = true;
  request_over_.NotifyAll();
  return true;
}

void UpkeepThread::DropRequests() {
  const MutexLock lock(mu_);
  for (auto* request : requests_) request->is_over = true;
  requests_.clear();
  request_over_.NotifyAll();
}

void UpkeepThread::LookAt(const lake::TableName& name) {
  auto& table = kept_[name];
  if (table.next_orphans_us == 0) table.next_orphans_us = clock_.MonotonicUs() + kFirstOrphansUs;
  table.status.table = name;
  const auto view = lake_.Load(name);
  if (!view) {
    table.has_plan = false;  // the lake tells its problem
    return;
  }
  if ((*view)->version == table.looked_at_version) return;
  table.looked_at_version = (*view)->version;
  table.has_plan = !ChooseForUpkeep(**view, Takes(name)).empty();
  const auto small = CountSmallFiles(**view, Takes(name));
  table.status.small_files = small.files;
  table.status.is_behind = small.is_behind;
}

TakesFile UpkeepThread::Takes(const lake::TableName& name) const {
  return [this, name](const lake::DataFile& file) { return !scrubber_.IsDamaged(name, file); };
}

Kept* UpkeepThread::NextToRewrite(std::int64_t now_us) {
  Kept* next = nullptr;
  for (auto& [name, table] : kept_) {
    if (!table.has_plan || table.next_try_us > now_us) continue;
    if (next == nullptr || table.status.small_files > next->status.small_files) next = &table;
  }
  return next;
}

std::int64_t UpkeepThread::RewriteAndNote(Kept& table) {
  const auto began_us = clock_.MonotonicUs();
  const auto& name = table.status.table;
  const RewriteScope scope{.takes = Takes(name),
                           .is_damaged = [&](const lake::DataFile& file, const Error& error) {
                             scrubber_.Note(name, file, error);
                           }};
  const auto report = RewriteOnce(lake_, name, *rewriter_, ChooseForUpkeep, scope);
  const auto busy_us = clock_.MonotonicUs() - began_us;
  counters_.WasBusy(busy_us);
  table.looked_at_version = 0;  // there may be more to rewrite
  if (!report) {
    NoteFailure(table, report.error());
  } else if (*report) {
    NoteRewrite(table, **report);
  }
  return busy_us * (table.status.is_behind ? 1 : kRestFactor);
}

void UpkeepThread::NoteRewrite(Kept& table, const RewriteReport& report) {
  counters_.Rewrote(report);
  ++table.status.rewrites;
  table.status.failures = 0;
  table.status.last_error.clear();
}

// The caller gets the error, so status tells of damage alone.
Result<Compaction> UpkeepThread::CompactAndNote(const lake::TableName& name) {
  auto& table = kept_[name];
  table.status.table = name;
  auto began_us = clock_.MonotonicUs();
  const auto rewrote = [&](const RewriteReport& report) {
    NoteRewrite(table, report);
    const auto now_us = clock_.MonotonicUs();
    counters_.WasBusy(now_us - began_us);
    began_us = now_us;
  };
  return upkeep::Compact(
      lake_, name, *rewriter_, rewrote,
      [&](const lake::DataFile& file, const Error& error) { scrubber_.Note(name, file, error); });
}

void UpkeepThread::NoteFailure(Kept& table, const Error& error) {
  // A commit was faster, or the server stops: neither is a failure.
  if (error.code() == ErrorCode::kConflict || error.code() == ErrorCode::kShutdown) return;
  counters_.Failed();
  const auto doublings = std::min<std::int64_t>(table.status.failures, 20);
  ++table.status.failures;
  table.status.last_error = error.message();
  table.next_try_us = clock_.MonotonicUs() + std::min(kRetryUs << doublings, kMaxRetryUs);
}

void UpkeepThread::RemoveFiles() {
  const auto now_us = clock_.MonotonicUs();
  if (now_us < next_remove_us_) return;
  next_remove_us_ = now_us + kRemoveUs;
  Ignore(lake_.RemoveDropped(), "it is tried again");
  for (const auto& name : lake_.Tables()) {
    Ignore(lake_.RemoveUnnamed(name), "a damaged table keeps its files");
  }
  if (!is_automatic_) return;
  for (auto& [name, table] : kept_) {
    if (now_us < table.next_orphans_us) continue;
    table.next_orphans_us = now_us + kOrphansUs;
    const auto orphans = lake_.RemoveOrphans(name, false);
    if (orphans) counters_.RemovedOrphans(orphans->size());
  }
}

void UpkeepThread::Scrub() {
  const auto began_us = clock_.MonotonicUs();
  if (began_us < next_scrub_us_) return;
  const auto bytes = scrubber_.Step();
  counters_.Scrubbed(bytes);
  const auto ended_us = clock_.MonotonicUs();
  next_scrub_us_ = ended_us + (ended_us - began_us) * kScrubRestFactor;
}

void UpkeepThread::Show() {
  std::vector<TableUpkeep> all;
  for (const auto& [name, table] : kept_) {
    all.push_back(table.status);
    all.back().next_orphans_us = table.next_orphans_us;
  }
  auto damage = scrubber_.Damage();
  const MutexLock lock(mu_);
  shown_ = std::move(all);
  damage_ = std::move(damage);
}

}  // namespace

std::unique_ptr<Upkeep> Upkeep::Make(Dependencies dependencies, UpkeepOptions options) {
  if (!options.make_rewriter) {
    const jobs::WorkerOptions worker{.kind = jobs::WorkerKind::kTransform,
                                     .program = options.worker_program,
                                     .warehouse = options.warehouse,
                                     .memory_limit_bytes = options.worker_memory_bytes,
                                     .starts = options.worker_starts};
    options.make_rewriter = [&clock = dependencies.env.clock, worker] {
      return MakeWorkerRewriter(clock, worker);
    };
  }
  return std::make_unique<UpkeepThread>(dependencies, options);
}

}  // namespace st::upkeep
