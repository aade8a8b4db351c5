#include "worker/session.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "jobs/codec.h"
#include "jobs/file_codec.h"
#include "jobs/limits.h"
#include "jobs/transform_codec.h"
#include "worker/limits.h"

namespace st::worker {
namespace {

jobs::Frame Failed(const Error& error) {
  return {.header = {{"error", jobs::ToJson(error)}}, .body = {}};
}

jobs::Frame Failed(const jobs::QueryError& error) {
  return {.header = {{"error", jobs::ToJson(error)}}, .body = {}};
}

jobs::Frame QueryReply(const jobs::QueryResult<query::StartedQuery>& started) {
  if (!started) return Failed(started.error());
  if (const auto* uses = std::get_if<std::vector<jobs::TableUse>>(&*started)) {
    return {.header = {{"uses", jobs::ToJson(*uses)}}, .body = {}};
  }
  const auto& columns = std::get<std::vector<jobs::ResultColumn>>(*started);
  return {.header = {{"columns", jobs::ToJson(columns)}}, .body = {}};
}

jobs::Frame WrongKind(std::string_view type) {
  return Failed(
      Error(ErrorCode::kUnsupported, fmt::format("a worker of this kind runs no job '{}'", type)));
}

}  // namespace

Session::Session(int fd, engine::WorkerSettings settings)
    : fd_(fd),
      settings_(std::move(settings)),
      clock_(os::MakeSystemClock()),
      fs_(os::MakePosixFileSystem()),
      control_(*clock_) {
  if (settings_.is_query) {
    query_ = query::MakeQueryHandler(settings_);
  } else {
    transform_ = transform::MakeTransformHandler(settings_, *fs_);
    rewrite_ = rewrite::MakeRewriteHandler(settings_, *fs_);
  }
}

void Session::Run() {
  if (!Send({.header = nlohmann::json::object(), .body = {}})) return;
  reader_ = os::Thread("job-reader", [this] { Read(); });
  while (auto frame = NextFrame()) {
    if (!Answer(*frame)) return;
  }
}

void Session::Read() {
  jobs::FrameReader reader(fd_);
  while (true) {
    auto frame = reader.Receive(-1);
    if (!frame || !frame->has_value()) {
      // The main process is gone or sent garbage, so nobody waits for the running job.
      ::_exit(frame ? 0 : frame.error().code() == ErrorCode::kUnavailable ? 0 : 1);
    }
    const std::string type = jobs::StringAt((*frame)->header, "type");
    if (type == "cancel") {
      control_.Cancel();
      continue;
    }
    if (type != "next" && type != "end" && type != "files") control_.Arrived();
    MutexLock lock(mu_);
    if (waiting_.size() >= kMaxWaitingFrames) ::_exit(1);
    waiting_.push_back(std::move(**frame));
    changed_.NotifyAll();
  }
}

std::optional<jobs::Frame> Session::NextFrame() {
  {
    MutexLock lock(mu_);
    if (!waiting_.empty()) return TakeFrame();
  }
  if (query_) query_->Rest();
  const std::int64_t idle_at_us = clock_->MonotonicUs() + settings_.idle_end_ms * 1000;
  MutexLock lock(mu_);
  while (waiting_.empty()) {
    const std::int64_t left = idle_at_us - clock_->MonotonicUs();
    // The client may read its pages slowly; only the statement's own time limit ends it.
    if (left <= 0 && !(query_ && query_->has_open() && control_.Check())) return std::nullopt;
    changed_.WaitFor(mu_, std::chrono::microseconds(left > 0 ? left : kLookAtOpenUs));
  }
  return TakeFrame();
}

jobs::Frame Session::TakeFrame() {
  jobs::Frame frame = std::move(waiting_.front());
  waiting_.pop_front();
  return frame;
}

bool Session::Send(const jobs::Frame& frame) {
  const auto sent = jobs::SendFrame(fd_, frame, jobs::kSendTimeoutUs);
  if (sent) return true;
  if (sent.error().code() != ErrorCode::kInvalidArgument) return false;
  // The answer exceeds the limits of a frame; the error that says so fits.
  return jobs::SendFrame(fd_, Failed(sent.error()), jobs::kSendTimeoutUs).has_value();
}

void Session::BeginJob(const jobs::Frame& frame) {
  control_.Begin(clock_->MonotonicUs() + jobs::IntegerAt(frame.header, "timeout_ms") * 1000);
}

bool Session::Answer(const jobs::Frame& frame) {
  const std::string type = jobs::StringAt(frame.header, "type");
  if (type == "end") {
    if (query_) query_->End();
    return true;
  }
  const bool is_of_query = type == "query" || type == "files" || type == "next";
  const bool is_of_transform = type == "transform" || type == "describe" || type == "evaluate" ||
                               type == "find_failing" || type == "rewrite";
  if (!(query_ && is_of_query) && !(transform_ && is_of_transform)) return Send(WrongKind(type));
  jobs::Frame reply;
  if (type == "transform") reply = RunTransform(frame);
  if (type == "find_failing") reply = RunFindFailing(frame);
  if (type == "rewrite") reply = RunRewrite(frame);
  if (type == "describe") reply = RunDescribe(frame);
  if (type == "evaluate") reply = RunEvaluate(frame);
  if (type == "query") reply = RunQuery(frame);
  if (type == "files") reply = RunFiles(frame);
  if (type == "next") reply = RunNext();
  const bool is_broken =
      query_ ? query_->is_broken() : transform_->is_broken() || rewrite_->is_broken();
  return Send(reply) && !is_broken;
}

jobs::Frame Session::RunTransform(const jobs::Frame& frame) {
  BeginJob(frame);
  const auto job = jobs::TransformJobFrom(frame.header);
  if (!job) return Failed(job.error());
  const auto result = transform_->Transform(*job, control_);
  if (!result) return Failed(result.error());
  return {.header = jobs::ToJson(*result), .body = {}};
}

jobs::Frame Session::RunFindFailing(const jobs::Frame& frame) {
  BeginJob(frame);
  const auto limit = std::max<std::int64_t>(jobs::IntegerAt(frame.header, "limit"), 1);
  const auto job = jobs::TransformJobFrom(frame.header);
  if (!job) return Failed(job.error());
  const auto found = transform_->FindFailing(*job, static_cast<std::size_t>(limit), control_);
  if (!found) return Failed(found.error());
  return {.header = jobs::ToJson(*found), .body = {}};
}

jobs::Frame Session::RunRewrite(const jobs::Frame& frame) {
  BeginJob(frame);
  const auto written = rewrite_->Rewrite(jobs::RewriteJobFrom(frame.header), control_);
  if (!written) return Failed(written.error());
  return {.header = jobs::RewriteAnswer(*written), .body = {}};
}

jobs::Frame Session::RunDescribe(const jobs::Frame& frame) {
  BeginJob(frame);
  const auto columns = transform_->Describe(jobs::StringAt(frame.header, "sql"), control_);
  if (!columns) return Failed(columns.error());
  return {.header = {{"columns", jobs::ToJson(*columns)}}, .body = {}};
}

jobs::Frame Session::RunEvaluate(const jobs::Frame& frame) {
  BeginJob(frame);
  const auto failures =
      transform_->Evaluate(jobs::StringsFrom(jobs::ValueAt(frame.header, "expressions")), control_);
  if (!failures) return Failed(failures.error());
  return {.header = {{"failures", *failures}}, .body = {}};
}

jobs::Frame Session::RunQuery(const jobs::Frame& frame) {
  BeginJob(frame);
  return QueryReply(query_->StartQuery(jobs::QueryJobFrom(frame.header), control_));
}

jobs::Frame Session::RunFiles(const jobs::Frame& frame) {
  auto files = jobs::FilesFrom(jobs::ValueAt(frame.header, "files"));
  return QueryReply(query_->TakeFiles(std::move(files), control_));
}

jobs::Frame Session::RunNext() {
  auto page = query_->NextPage(control_);
  if (!page) return Failed(page.error());
  return {.header = {{"rows", page->rows}, {"is_last", page->is_last}},
          .body = std::move(page->rows_json)};
}

}  // namespace st::worker
