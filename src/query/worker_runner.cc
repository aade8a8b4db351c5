#include "query/worker_runner.h"

#include "jobs/worker_client.h"
#include "query/limits.h"

namespace st::query {
namespace {

class WorkerRunner final : public Runner {
 public:
  WorkerRunner(os::Clock& clock, jobs::WorkerOptions options)
      : client_(clock, std::move(options)) {}
  Status Start() override { return client_.Start(); }
  jobs::QueryResult<std::vector<jobs::ResultColumn>> StartQuery(
      const jobs::QueryJob& job, std::int64_t timeout_us,
      const jobs::ChooseFiles& choose) override {
    return client_.StartQuery(job, timeout_us, choose);
  }
  jobs::QueryResult<jobs::QueryPage> NextPage() override { return client_.NextPage(); }
  void EndQuery() override { client_.EndQuery(); }
  void Cancel() override { client_.Cancel(); }

 private:
  jobs::WorkerClient client_;
};

}  // namespace

MakeRunner MakeWorkerRunner(os::Clock& clock, const EngineOptions& options) {
  const jobs::WorkerOptions worker{.kind = jobs::WorkerKind::kQuery,
                                   .program = options.worker_program,
                                   .warehouse = options.warehouse,
                                   .memory_limit_bytes = options.memory_limit_bytes,
                                   .cancel_grace_us = kCancelGraceUs,
                                   .starts = options.worker_starts};
  return [&clock, worker] { return std::make_unique<WorkerRunner>(clock, worker); };
}

}  // namespace st::query
