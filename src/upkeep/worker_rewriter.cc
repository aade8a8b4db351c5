#include "upkeep/worker_rewriter.h"

#include <optional>
#include <utility>

#include "upkeep/limits.h"

namespace st::upkeep {
namespace {

class WorkerRewriter final : public Rewriter {
 public:
  WorkerRewriter(os::Clock& clock, jobs::WorkerOptions options)
      : client_(clock, std::move(options)) {}
  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) override {
    return client_.Rewrite(job, kRewriteTimeoutUs);
  }
  void Cancel() override { client_.Stop(); }
  void Reap() override { client_.Reap(); }

 private:
  jobs::WorkerClient client_;
};

}  // namespace

std::unique_ptr<Rewriter> MakeWorkerRewriter(os::Clock& clock, jobs::WorkerOptions options) {
  return std::make_unique<WorkerRewriter>(clock, std::move(options));
}

}  // namespace st::upkeep
