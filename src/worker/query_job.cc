#include "worker/query_job.h"

namespace st::worker {
namespace {

class NoQueries : public QueryHandler {
 public:
  jobs::QueryResult<std::vector<jobs::ResultColumn>> StartQuery(const jobs::QueryJob& job,
                                                                JobControl& control) override {
    static_cast<void>(job);
    static_cast<void>(control);
    return std::unexpected(Refusal());
  }
  jobs::QueryResult<jobs::QueryPage> NextPage(JobControl& control) override {
    static_cast<void>(control);
    return std::unexpected(Refusal());
  }
  void End() override {}

 private:
  static jobs::QueryError Refusal() {
    return {.code = ErrorCode::kUnsupported,
            .name = "NOT_SUPPORTED",
            .message = "this build answers no statements"};
  }
};

}  // namespace

std::unique_ptr<QueryHandler> MakeQueryHandler(const WorkerSettings& settings) {
  static_cast<void>(settings);
  return std::make_unique<NoQueries>();
}

}  // namespace st::worker
