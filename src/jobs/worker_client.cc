#include "jobs/worker_client.h"

#include <algorithm>
#include <array>
#include <csignal>

#include "base/text.h"
#include "jobs/codec.h"
#include "jobs/file_codec.h"
#include "jobs/transform_codec.h"

namespace st::jobs {
namespace {

constexpr std::string_view kProgramName = "steelthread-sql";
// Address space that the program maps at its start: libduckdb, stacks of threads and arenas.
[[maybe_unused]] constexpr std::int64_t kProgramAddressSpace = 1LL << 30;

std::vector<std::string> Arguments(const WorkerOptions& options) {
  std::vector<std::string> arguments = {
      fmt::format("--kind={}", options.kind == WorkerKind::kQuery ? "query" : "transform"),
      fmt::format("--warehouse={}", options.warehouse),
      fmt::format("--memory-limit={}", options.memory_limit_bytes),
      fmt::format("--threads={}", options.threads),
      fmt::format("--idle-end-ms={}", options.idle_end_ms)};
  if (!options.output_folder.empty()) {
    arguments.push_back(fmt::format("--output={}", options.output_folder));
  }
  return arguments;
}

Result<std::string> PathOf(const std::string& program) {
  if (!program.empty()) return program;
  ST_TRY(const std::string dir, os::ExecutableDir());
  return fmt::format("{}/{}", dir, kProgramName);
}

std::uint64_t AddressSpace(const WorkerOptions& options) {
#ifdef ST_SANITIZED
  static_cast<void>(options);
  return 0;  // a sanitizer maps terabytes of shadow memory
#else
  if (options.address_space_bytes != 0) return options.address_space_bytes;
  return static_cast<std::uint64_t>(2 * options.memory_limit_bytes + kProgramAddressSpace);
#endif
}

// True for signals that the program's own fault raises. Other signals, such as SIGKILL, are sent
// from outside; a worker that this client kills is not asked how it ended.
bool IsOwnFault(const os::ChildExit& exit) {
  constexpr std::array kFaults = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
  return !exit.by_signal || std::ranges::find(kFaults, exit.code) != kFaults.end();
}

QueryError FromError(const Error& error) {
  QueryError out{
      .code = error.code(), .name = "GENERIC_INTERNAL_ERROR", .message = error.message()};
  if (error.code() == ErrorCode::kDeadline) out.name = "EXCEEDED_TIME_LIMIT";
  if (error.code() == ErrorCode::kShutdown) out.name = "USER_CANCELED";
  return out;
}

}  // namespace

Status CheckWorkerProgram(const std::string& program) {
  ST_TRY(const std::string path, PathOf(program));
  if (os::IsExecutable(path)) return {};
  return Fail(ErrorCode::kNotFound,
              "{} is missing or may not be executed: no SQL and no pipeline runs; install it again "
              "beside steelthread",
              path);
}

WorkerClient::WorkerClient(os::Clock& clock, WorkerOptions options)
    : clock_(clock), options_(std::move(options)) {}

WorkerClient::~WorkerClient() { Kill(); }

void WorkerClient::Kill() {
  {
    MutexLock lock(mu_);
    socket_.Reset();
  }
  has_query_ = false;
  if (pid_ < 0) return;
  os::KillChild(pid_);
  Ignore(os::WaitChild(pid_, kKillGraceUs), "a killed child ends when the system lets it");
  pid_ = -1;
}

Error WorkerClient::WorkerDied(bool& ended_idle, std::string_view when) {
  const auto exit = os::WaitChild(pid_, kKillGraceUs);
  const bool known = exit.has_value() && exit->has_value();
  std::string how = "closed its socket";
  if (known) {
    pid_ = -1;
    how = (*exit)->ToString();
    ended_idle = !(*exit)->by_signal && (*exit)->code == 0;
    is_job_blameless_ = !IsOwnFault(**exit);
    if (is_job_blameless_) {
      how += " from outside, by somebody or by the kernel for want of memory";
    }
  }
  how += when;
  const std::string words = os::DrainPipeEnd(output_.get(), kMaxLastWordsBytes);
  if (!Trim(words).empty()) how += fmt::format("; it printed: {}", Trim(words));
  Kill();
  return Error(ErrorCode::kUnavailable, fmt::format("worker {}", how));
}

void WorkerClient::NoteStart(const Status& started) {
  if (options_.starts != nullptr) options_.starts->Note(started);
}

Status WorkerClient::Start() {
  // Stop sets this before it cancels, so that a job sees one of the two.
  if (stopped_) return Fail(ErrorCode::kShutdown, "the worker was stopped");
  if (pid_ >= 0) return {};
  ST_TRY(const std::string program, PathOf(options_.program));
  ST_TRY(auto sockets, os::MakeSocketPair());
  // The worker gets its own pipe, since ours may be full and would block it.
  ST_TRY(auto output, os::MakePipe());
  ST_TRY(pid_, os::SpawnChild({.program = program,
                               .args = Arguments(options_),
                               .inherit_fd = sockets.second.get(),
                               .output_fd = output.second.get(),
                               .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC0"},
                               .address_space_bytes = AddressSpace(options_)}));
  sockets.second.Reset();
  output_ = std::move(output.first);
  reader_ = FrameReader(sockets.first.get());
  {
    MutexLock lock(mu_);
    socket_ = std::move(sockets.first);
  }
  const auto ready = reader_.Receive(kStartTimeoutUs);
  if (!ready) {
    bool ended_idle = false;
    is_job_blameless_ = false;
    const auto died = WorkerDied(ended_idle, " before it was ready").WithContext(program);
    if (!is_job_blameless_) NoteStart(std::unexpected(died));
    return std::unexpected(died);
  }
  if (!ready->has_value()) {
    Kill();
    return Fail(ErrorCode::kUnavailable, "{}: not ready after {} ms", program,
                kStartTimeoutUs / 1000);
  }
  const auto& header = (*ready)->header;
  if (const auto& error = ValueAt(header, "error"); error.is_object()) {
    Kill();
    const auto refused = ErrorFrom(error).WithContext(program);
    NoteStart(std::unexpected(refused));
    return std::unexpected(refused);
  }
  NoteStart({});
  return {};
}

Result<Frame> WorkerClient::Await(std::int64_t deadline_us, bool& ended_idle) {
  // The longest delay until a Cancel ends a worker that does not answer.
  constexpr std::int64_t kLookUs = 50'000;
  while (true) {
    auto got = reader_.Receive(kLookUs);
    if (!got) {
      if (got.error().code() == ErrorCode::kUnavailable) {
        const Error died = WorkerDied(ended_idle);
        if (cancelled_) return Fail(ErrorCode::kShutdown, "the job was cancelled");
        return std::unexpected(died);
      }
      Kill();
      return std::unexpected(got.error().WithContext("worker"));
    }
    if (got->has_value()) return std::move(**got);
    const std::int64_t now = clock_.MonotonicUs();
    if (cancelled_ && now >= cancelled_at_us_ + options_.cancel_grace_us) {
      Kill();
      return Fail(ErrorCode::kShutdown, "the job was cancelled");
    }
    if (now >= deadline_us + kKillGraceUs) {
      Kill();
      return Fail(ErrorCode::kDeadline,
                  "the worker did not stop within {} ms of its time limit and was killed",
                  kKillGraceUs / 1000);
    }
  }
}

Result<Frame> WorkerClient::CallOnce(const Frame& request, std::int64_t deadline_us,
                                     bool& ended_idle) {
  const auto started = Start();
  is_job_blameless_ = !started;
  ST_TRY_STATUS(started);
  Status sent;
  {
    MutexLock lock(mu_);
    sent = SendFrame(socket_.get(), request, kSendTimeoutUs);
    is_busy_ = sent.has_value();
  }
  if (!sent) {
    if (sent.error().code() == ErrorCode::kInvalidArgument) return std::unexpected(sent.error());
    return std::unexpected(WorkerDied(ended_idle));
  }
  auto reply = Await(deadline_us, ended_idle);
  MutexLock lock(mu_);
  is_busy_ = false;
  return reply;
}

Result<Frame> WorkerClient::Call(const Frame& request, std::int64_t deadline_us) {
  cancelled_ = false;
  bool ended_idle = false;
  auto reply = CallOnce(request, deadline_us, ended_idle);
  // The worker ended for idleness as the job arrived, so it did not begin the job.
  if (!reply && ended_idle && !cancelled_) reply = CallOnce(request, deadline_us, ended_idle);
  return reply;
}

Result<TransformResult> WorkerClient::Transform(const TransformJob& job, std::int64_t timeout_us) {
  Frame request{.header = ToJson(job), .body = {}};
  request.header["type"] = "transform";
  request.header["timeout_ms"] = timeout_us / 1000;
  ST_TRY(const Frame reply, Call(request, clock_.MonotonicUs() + timeout_us));
  if (const auto& error = ValueAt(reply.header, "error"); error.is_object()) {
    return std::unexpected(ErrorFrom(error));
  }
  return TransformResultFrom(reply.header);
}

Result<std::optional<WrittenFile>> WorkerClient::Rewrite(const RewriteJob& job,
                                                         std::int64_t timeout_us) {
  Frame request{.header = ToJson(job), .body = {}};
  request.header["type"] = "rewrite";
  request.header["timeout_ms"] = timeout_us / 1000;
  ST_TRY(const Frame reply, Call(request, clock_.MonotonicUs() + timeout_us));
  if (const auto& error = ValueAt(reply.header, "error"); error.is_object()) {
    return std::unexpected(ErrorFrom(error));
  }
  return RewriteAnswerFrom(reply.header);
}

Result<FailingRecords> WorkerClient::FindFailing(const TransformJob& job, std::int64_t limit,
                                                 std::int64_t timeout_us) {
  Frame request{.header = ToJson(job), .body = {}};
  request.header["type"] = "find_failing";
  request.header["limit"] = limit;
  request.header["timeout_ms"] = timeout_us / 1000;
  ST_TRY(const Frame reply, Call(request, clock_.MonotonicUs() + timeout_us));
  if (const auto& error = ValueAt(reply.header, "error"); error.is_object()) {
    return std::unexpected(ErrorFrom(error));
  }
  return FailingRecordsFrom(reply.header);
}

Result<std::vector<ColumnInfo>> WorkerClient::Describe(const std::string& sql,
                                                       std::int64_t timeout_us) {
  const Frame request{
      .header = {{"type", "describe"}, {"sql", sql}, {"timeout_ms", timeout_us / 1000}},
      .body = {}};
  ST_TRY(const Frame reply, Call(request, clock_.MonotonicUs() + timeout_us));
  if (const auto& error = ValueAt(reply.header, "error"); error.is_object()) {
    return std::unexpected(ErrorFrom(error));
  }
  return ColumnInfosFrom(ValueAt(reply.header, "columns"));
}

Result<std::vector<std::string>> WorkerClient::Evaluate(const std::vector<std::string>& expressions,
                                                        std::int64_t timeout_us) {
  const Frame request{.header = {{"type", "evaluate"},
                                 {"expressions", expressions},
                                 {"timeout_ms", timeout_us / 1000}},
                      .body = {}};
  ST_TRY(const Frame reply, Call(request, clock_.MonotonicUs() + timeout_us));
  if (const auto& error = ValueAt(reply.header, "error"); error.is_object()) {
    return std::unexpected(ErrorFrom(error));
  }
  return StringsFrom(ValueAt(reply.header, "failures"));
}

QueryResult<std::vector<ResultColumn>> WorkerClient::StartQuery(const QueryJob& job,
                                                                std::int64_t timeout_us,
                                                                const ChooseFiles& choose) {
  query_deadline_us_ = clock_.MonotonicUs() + timeout_us;
  has_query_ = false;
  Frame request{.header = ToJson(job), .body = {}};
  request.header["type"] = "query";
  request.header["timeout_ms"] = timeout_us / 1000;
  auto reply = Call(request, query_deadline_us_);
  if (reply && ValueAt(reply->header, "uses").is_array()) reply = SendFiles(*reply, choose);
  if (!reply) return std::unexpected(FromError(reply.error()));
  if (const auto& error = ValueAt(reply->header, "error"); error.is_object()) {
    return std::unexpected(QueryErrorFrom(error));
  }
  has_query_ = true;
  return ResultColumnsFrom(ValueAt(reply->header, "columns"));
}

Result<Frame> WorkerClient::SendFiles(const Frame& asked, const ChooseFiles& choose) {
  Frame files{.header = {{"type", "files"}}, .body = {}};
  auto chosen = choose(TableUsesFrom(ValueAt(asked.header, "uses")));
  if (cancelled_ || !chosen) {
    has_query_ = true;
    EndQuery();
    return cancelled_ ? Fail(ErrorCode::kShutdown, "the job was cancelled")
                      : std::unexpected(chosen.error());
  }
  files.header["files"] = *std::move(chosen);
  bool ended_idle = false;
  return CallOnce(files, query_deadline_us_, ended_idle);
}

QueryResult<QueryPage> WorkerClient::NextPage() {
  if (cancelled_) {
    EndQuery();
    return std::unexpected(FromError(Error(ErrorCode::kShutdown, "Query was canceled")));
  }
  if (!has_query_) {
    return std::unexpected(
        FromError(Error(ErrorCode::kUnavailable, "no statement is open in this worker")));
  }
  bool ended_idle = false;
  auto reply = CallOnce({.header = {{"type", "next"}}, .body = {}}, query_deadline_us_, ended_idle);
  if (!reply) {
    has_query_ = false;
    return std::unexpected(FromError(reply.error()));
  }
  if (const auto& error = ValueAt(reply->header, "error"); error.is_object()) {
    has_query_ = false;
    return std::unexpected(QueryErrorFrom(error));
  }
  QueryPage page{.rows = IntegerAt(reply->header, "rows"),
                 .rows_json = std::move(reply->body),
                 .is_last = BoolAt(reply->header, "is_last")};
  has_query_ = !page.is_last;
  return page;
}

void WorkerClient::EndQuery() {
  if (!has_query_) return;
  has_query_ = false;
  MutexLock lock(mu_);
  if (!socket_.is_open()) return;
  const Frame end{.header = {{"type", "end"}}, .body = {}};
  Ignore(SendFrame(socket_.get(), end, kSendTimeoutUs), "the next job finds out");
}

void WorkerClient::Reap() {
  if (pid_ < 0) return;
  const auto exit = os::WaitChild(pid_, 0);
  if (exit && !exit->has_value()) return;
  pid_ = -1;
  Kill();
}

void WorkerClient::Stop() {
  stopped_ = true;
  Cancel();
}

void WorkerClient::Cancel() {
  MutexLock lock(mu_);
  cancelled_at_us_ = clock_.MonotonicUs();
  cancelled_ = true;
  if (!is_busy_ || !socket_.is_open()) return;
  const Frame cancel{.header = {{"type", "cancel"}}, .body = {}};
  Ignore(SendFrame(socket_.get(), cancel, kSendTimeoutUs), "the owner kills it after the grace");
}

}  // namespace st::jobs
