#include "stream/worker_transformer.h"

#include <optional>
#include <utility>

#include "base/mutex.h"
#include "stream/limits.h"

namespace st::stream {
namespace {

class WorkerTransformer final : public Transformer {
 public:
  WorkerTransformer(os::Clock& clock, jobs::WorkerOptions options, std::int64_t timeout_us)
      : clock_(clock), options_(std::move(options)), timeout_us_(timeout_us) {
    Replace();
  }

  Status Restart() override {
    Replace();
    return owned_->Start();
  }

  Result<jobs::TransformResult> Transform(const jobs::TransformJob& job) override {
    return owned_->Transform(job, timeout_us_);
  }

  Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job) override {
    return owned_->FindFailing(job, kMaxFailingRecords, timeout_us_);
  }

  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql) override {
    return owned_->Describe(sql, timeout_us_);
  }

  Result<std::vector<std::string>> Evaluate(const std::vector<std::string>& expressions) override {
    return owned_->Evaluate(expressions, timeout_us_);
  }

  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) override {
    return owned_->Rewrite(job, timeout_us_);
  }

  bool IsJobBlameless() const override { return owned_->is_job_blameless(); }

  void Reap() override { owned_->Reap(); }

  void Cancel() override {
    MutexLock lock(mu_);
    is_cancelled_ = true;
    if (client_ != nullptr) client_->Stop();
  }

 private:
  // Cancel may use the client from another thread, so the old client is destroyed after the new one
  // has replaced it.
  void Replace() {
    auto next = std::make_unique<jobs::WorkerClient>(clock_, options_);
    {
      MutexLock lock(mu_);
      client_ = next.get();
      if (is_cancelled_) client_->Stop();
    }
    owned_ = std::move(next);
  }

  os::Clock& clock_;
  const jobs::WorkerOptions options_;
  const std::int64_t timeout_us_;
  std::unique_ptr<jobs::WorkerClient> owned_;  // used by the owner thread only
  Mutex mu_;
  jobs::WorkerClient* client_ ST_GUARDED_BY(mu_) = nullptr;
  bool is_cancelled_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace

std::unique_ptr<Transformer> MakeWorkerTransformer(os::Clock& clock, jobs::WorkerOptions options,
                                                   std::int64_t timeout_us) {
  return std::make_unique<WorkerTransformer>(clock, std::move(options), timeout_us);
}

}  // namespace st::stream
