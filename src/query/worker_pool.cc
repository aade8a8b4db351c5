#include "query/worker_pool.h"

#include <optional>
#include <utility>

#include "lake/names.h"
#include "query/limits.h"
#include "query/statement_job.h"

namespace st::query {
namespace {

statement::Failure FailureFrom(const jobs::QueryError& error) {
  statement::Failure failure{.name = error.name.empty() ? "GENERIC_INTERNAL_ERROR" : error.name,
                             .message = error.message,
                             .location = {}};
  if (error.line > 0) failure.location = {.line = error.line, .column = error.column};
  return failure;
}

// The table that names the file; nullopt: none does any more.
std::optional<lake::TableName> TableOf(const lake::Catalog& lake, const std::string& file) {
  for (const auto& name : lake.Tables()) {
    const auto view = lake.Load(name);
    if (view && (*view)->files.Contains(file)) return name;
  }
  return std::nullopt;
}

}  // namespace

WorkerPool::WorkerPool(os::Clock& clock, const lake::Catalog& lake, const EngineOptions& options,
                       StatementRegistry& registry)
    : clock_(clock), lake_(lake), options_(options), registry_(registry) {
  for (int i = 0; i < options_.max_running; ++i) {
    threads_.emplace_back(fmt::format("query-{}", i), [this, i] { RunTurns(i == 0); });
  }
}

void WorkerPool::Join() {
  for (auto& thread : threads_) thread.Join();
}

std::vector<jobs::DamagedFile> WorkerPool::Damage() const {
  std::vector<jobs::DamagedFile> all;
  for (auto& [file, note] : damage_.With([](const auto& notes) { return notes; })) {
    const auto table = TableOf(lake_, file);
    if (!table) continue;
    all.push_back(
        {.table = lake::FullName(*table), .location = file, .message = std::move(note.message)});
  }
  return all;
}

void WorkerPool::ForgetDamage(const std::string& location) {
  damage_.With([&](auto& notes) {
    const auto found = notes.find(location);
    if (found != notes.end() && found->second.is_of_check) notes.erase(found);
  });
}

void WorkerPool::RunTurns(bool retries_starts) {
  std::shared_ptr<Runner> runner;
  while (true) {
    const auto turn = registry_.TakeTurn(kRunnerIdleUs);
    if (!turn) return;
    if (*turn == nullptr) {
      runner = nullptr;  // the worker was idle for long, so its process is reaped
      if (retries_starts && CannotStart()) {
        Ignore(options_.make_runner()->Start(), "worker_starts has the outcome");
      }
      continue;
    }
    if (runner == nullptr) runner = options_.make_runner();
    OpenStatement& statement = **turn;
    registry_.SetRunner(statement, runner);
    Run(statement, *runner);
    registry_.EndRun(statement);
  }
}

bool WorkerPool::CannotStart() const {
  return options_.worker_starts != nullptr && options_.worker_starts->failure().has_value();
}

void WorkerPool::Fail(OpenStatement& statement, statement::Failure failure) {
  registry_.Update(statement, [&](std::int64_t now) { statement.Fail(std::move(failure), now); });
}

void WorkerPool::FailWith(OpenStatement& statement, const jobs::QueryError& error,
                          bool is_of_check) {
  if (error.code == ErrorCode::kCorruption) {
    damage_.With([&](auto& notes) {
      std::erase_if(notes, [this](const auto& note) { return !TableOf(lake_, note.first); });
      if (notes.size() >= kMaxDamageNotes) return;
      notes[error.damaged_file] = {.message = error.message, .is_of_check = is_of_check};
    });
  }
  Fail(statement, FailureFrom(error));
}

Status WorkerPool::CheckFile(const OpenStatement& statement, const lake::View& table,
                             const lake::DataFile& file) {
  if (clock_.MonotonicUs() >= statement.started_us() + options_.statement_timeout_us) {
    return st::Fail(ErrorCode::kDeadline, "Query exceeded the time limit of statements");
  }
  // A statement without rows has room; false: it was cancelled.
  if (!registry_.WaitForRoom(statement))
    return st::Fail(ErrorCode::kShutdown, "Query was canceled");
  if (lake_.CheckBeforeUse(table.name, file)) {
    ForgetDamage(file.location);
    return {};
  }
  return st::Fail(ErrorCode::kCorruption, "{}",
                  jobs::DamagedFileMessage(table.name.schema, table.name.name, file.location));
}

void WorkerPool::Run(OpenStatement& statement, Runner& runner) {
  auto made = JobFor(statement.request(), lake_, options_);
  std::string damaged;
  const auto check = [&](const lake::View& table, const lake::DataFile& file) {
    auto checked = CheckFile(statement, table, file);
    if (!checked && checked.error().code() == ErrorCode::kCorruption) damaged = file.location;
    return checked;
  };
  const auto columns =
      runner.StartQuery(made.job, options_.statement_timeout_us,
                        [&](const auto& uses) { return ChooseFilesOf(made, uses, check); });
  if (!columns) {
    auto error = columns.error();
    if (!damaged.empty()) error.damaged_file = damaged;
    return FailWith(statement, error, !damaged.empty());
  }
  registry_.Update(statement, [&](std::int64_t) {
    std::vector<statement::Column> out;
    for (const auto& column : *columns) out.push_back({column.name, column.type, column.signature});
    statement.SetColumns(std::move(out));
  });
  if (!HandPages(statement, runner)) runner.EndQuery();
}

bool WorkerPool::HandPages(OpenStatement& statement, Runner& runner) {
  while (registry_.WaitForRoom(statement)) {
    const std::int64_t end_us = statement.started_us() + options_.statement_timeout_us;
    if (clock_.MonotonicUs() >= end_us) {
      Fail(statement,
           {.name = "EXCEEDED_TIME_LIMIT",
            .message = fmt::format("Query exceeded the time limit of {} s; its rows were read "
                                   "too slowly, or there are too many",
                                   options_.statement_timeout_us / 1'000'000)});
      return false;
    }
    auto page = runner.NextPage();
    if (!page) {
      FailWith(statement, page.error());
      return true;
    }
    if (page->rows_json.size() > kMaxPageBytes) {
      Fail(statement,
           {.name = "GENERIC_INTERNAL_ERROR",
            .message = fmt::format("the worker sent a page of {} bytes; at most {} are allowed",
                                   page->rows_json.size(), kMaxPageBytes)});
      return false;
    }
    const bool is_last = page->is_last;
    registry_.Update(statement, [&](std::int64_t now) {
      statement.AddPage(std::move(*page));
      if (is_last) statement.Finish(now);
    });
    if (is_last) return true;
  }
  return false;
}

}  // namespace st::query
