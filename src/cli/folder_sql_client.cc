#include "cli/folder_sql_client.h"

#include "app/data_dir.h"
#include "base/mutex.h"
#include "cli/folder_tables.h"
#include "client/http_sql_client.h"
#include "lake/lake.h"
#include "os/clock.h"
#include "os/inherited.h"
#include "os/random.h"
#include "query/engine.h"

namespace st::cli {
namespace {

// Runs statements with an engine in this process, over the folder's tables.
class FolderSqlClient final : public client::SqlClient {
 public:
  explicit FolderSqlClient(client::SqlSession session) : session_(std::move(session)) {}

  Status Open(const app::Config& config) {
    ST_TRY(data_, app::DataDir::Open(*fs_, config.data_dir));
    const std::string warehouse = data_->warehouse_dir();
    const os::Env env{*fs_, *clock_, *random_};
    ST_TRY(lake_, lake::Lake::Open(env, {.warehouse = warehouse}));
    engine_ = std::make_unique<query::Engine>(
        env, *lake_,
        query::EngineOptions{.warehouse = warehouse,
                             .max_running = 1,
                             .statement_timeout_us = config.sql_statement_timeout_s * 1'000'000,
                             .max_rows = config.sql_max_rows});
    return {};
  }

  Result<statement::QueryResults> Post(const std::string& sql) override {
    query::Ticket ticket;
    query::StatementRequest request{.sql = sql, .session = {}};
    request.session.catalog = session_.catalog;
    request.session.schema = session_.schema;
    request.session.user = client::UserName();
    request.session.parametric_datetime = true;
    const auto answer = engine_->Submit(std::move(request), ticket);
    const MutexLock lock(mu_);
    ticket_ = ticket;
    return Adopt(*answer);
  }

  Result<statement::QueryResults> Next() override {
    query::Ticket ticket;
    std::int64_t token = 0;
    {
      const MutexLock lock(mu_);
      ticket = ticket_;
      token = token_;
      got_.reset();
    }
    engine_->Fetch(ticket, token, [this](query::FetchOutcome, query::AnswerPtr answer) {
      const MutexLock lock(mu_);
      got_ = std::move(answer);
      changed_.NotifyAll();
    });
    const MutexLock lock(mu_);
    while (!got_) changed_.Wait(mu_);  // as long as the engine's long poll at most
    const auto answer = *got_;
    if (!answer) return Fail(ErrorCode::kUnavailable, "the statement was dropped");
    return Adopt(*answer);
  }

  void Cancel() override {
    query::Ticket ticket;
    {
      const MutexLock lock(mu_);
      ticket = ticket_;
    }
    engine_->Cancel(ticket);
  }

 private:
  statement::QueryResults Adopt(const query::Answer& answer) ST_REQUIRES(mu_) {
    auto results = answer.results;
    token_ = answer.next_token.value_or(0);
    if (answer.next_token) results.next_uri = "next";
    if (!answer.set_catalog.empty()) session_.catalog = answer.set_catalog;
    if (!answer.set_schema.empty()) session_.schema = answer.set_schema;
    return results;
  }

  client::SqlSession session_;  // used by the calling thread only
  Mutex mu_;
  CondVar changed_;
  query::Ticket ticket_ ST_GUARDED_BY(mu_);
  std::int64_t token_ ST_GUARDED_BY(mu_) = 0;
  std::optional<query::AnswerPtr> got_ ST_GUARDED_BY(mu_);

  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  std::unique_ptr<app::DataDir> data_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<query::Engine> engine_;  // last member, since its threads use the others
};

}  // namespace

Result<std::unique_ptr<client::SqlClient>> OpenFolderSqlClient(const app::Config& config,
                                                               client::SqlSession session) {
  ST_TRY_STATUS(RequireDataFolder(*os::MakePosixFileSystem(), config));
  os::KeepFilesPrivate();
  auto client = std::make_unique<FolderSqlClient>(std::move(session));
  ST_TRY_STATUS(client->Open(config));
  return client;
}

}  // namespace st::cli
