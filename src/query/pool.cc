// Part of Engine: its pool threads. Each owns one runner and runs one statement at a time.
#include <algorithm>

#include "base/text.h"
#include "query/catalog_statements.h"
#include "query/engine.h"
#include "query/open_statement.h"

namespace st::query {
namespace {

statement::Failure FailureFrom(const jobs::QueryError& error) {
  statement::Failure failure{.name = error.name.empty() ? "GENERIC_INTERNAL_ERROR" : error.name,
                             .message = error.message,
                             .location = {}};
  if (error.line > 0) failure.location = {.line = error.line, .column = error.column};
  return failure;
}

// True if a statement can only name the table by writing the name as it is. Names with other
// characters can be written in several ways, and U&"…" can spell any name.
bool IsPlainName(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

jobs::QueryTable TableOf(const lake::View& view) {
  jobs::QueryTable table{.schema = view.name.schema, .name = view.name.name};
  for (const auto& column : view.columns) {
    table.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  return table;
}

}  // namespace

Result<jobs::QueryJob> Engine::JobFor(const StatementRequest& request) const {
  const auto& session = request.session;
  jobs::QueryJob job{.sql = request.sql,
                     .parametric_datetime = session.parametric_datetime,
                     .max_rows = options_.max_rows,
                     .page_rows = kPageRows,
                     .page_bytes = kPageBytes,
                     .memory_limit_bytes = options_.memory_limit_bytes};
  job.catalog = session.catalog.empty() ? std::string(kCatalog) : AsciiLower(session.catalog);
  if (!session.schema.empty()) job.schema = AsciiLower(session.schema);
  if (!session.time_zone.empty()) job.time_zone = session.time_zone;
  const std::string text = AsciiLower(request.sql);
  const bool has_coded_names = text.contains("u&");
  for (const auto& name : lake_.Tables()) {
    // Messages need the columns of the other tables, but nothing needs their files, which can be
    // many.
    const bool is_named = !IsPlainName(name.name) || has_coded_names || text.contains(name.name);
    const auto view = lake_.Load(name);
    if (!view && view.error().code() != ErrorCode::kNotFound && is_named) {
      return std::unexpected(view.error());  // the table is damaged
    }
    if (!view) continue;  // it was removed meanwhile; the worker reports that it does not exist
    auto& table = job.tables.emplace_back(TableOf(**view));
    if (!is_named) continue;
    for (const auto& file : (*view)->files) table.files.push_back(file.location);
  }
  return job;
}

// The next task of a pool thread: a statement, or no statement yet, or the end.
struct Engine::Turn {
  StatementPtr statement;
  bool is_end = false;
};

Engine::Turn Engine::NextTurn(bool has_runner) {
  const MutexLock lock(mu_);
  while (!is_stopping_) {
    if (const auto statement = TakeFromQueue()) {
      statement->Start(env_.clock.MonotonicUs());
      statement->is_starting = true;
      return {.statement = statement};
    }
    if (!has_runner) {
      queued_.Wait(mu_);
    } else if (!queued_.WaitFor(mu_, std::chrono::microseconds(kRunnerIdleUs)) && queue_.empty()) {
      return {};
    }
  }
  return {.is_end = true};
}

void Engine::PoolLoop() {
  std::shared_ptr<Runner> runner;
  while (true) {
    const Turn turn = NextTurn(runner != nullptr);
    if (turn.is_end) return;
    if (turn.statement == nullptr) {
      runner = nullptr;  // the worker was idle for long, so its process is reaped
      continue;
    }
    if (runner == nullptr) runner = options_.make_runner();
    {
      const MutexLock lock(mu_);
      turn.statement->runner = runner;
      turn.statement->is_starting = false;
    }
    Run(*turn.statement, *runner);
    EndRun(*turn.statement);
  }
}

void Engine::EndRun(OpenStatement& statement) {
  const MutexLock lock(mu_);
  while (statement.is_cancelling) changed_.Wait(mu_);
  statement.runner = nullptr;
  queued_.NotifyAll();  // the same client's next statement may wait for this
  sweep_.NotifyOne();
}

// Returns false when the statement is over.
bool Engine::WaitForRoom(const OpenStatement& statement) {
  const MutexLock lock(mu_);
  while (!statement.is_over() && !statement.has_room()) {
    if (env_.clock.MonotonicUs() >= statement.started_us() + options_.statement_timeout_us) break;
    changed_.WaitFor(mu_, std::chrono::microseconds(kTickUs));
  }
  return !statement.is_over();
}

void Engine::NoteDamage(const jobs::QueryError& error) {
  if (error.code != ErrorCode::kCorruption) return;
  damage_.With([&](auto& notes) {
    if (notes.size() < kMaxDamageNotes) notes.insert(error.message);
  });
}

std::vector<std::string> Engine::Damage() const {
  return damage_.With(
      [](const auto& notes) { return std::vector<std::string>(notes.begin(), notes.end()); });
}

void Engine::Run(OpenStatement& statement, Runner& runner) {
  const auto fail = [&](statement::Failure failure) {
    Update(statement, [&](std::int64_t now) { statement.Fail(std::move(failure), now); });
  };
  const auto job = JobFor(statement.request());
  if (!job) return fail({.name = "GENERIC_INTERNAL_ERROR", .message = job.error().message()});
  const auto columns = runner.StartQuery(*job, options_.statement_timeout_us);
  if (!columns) {
    NoteDamage(columns.error());
    return fail(FailureFrom(columns.error()));
  }
  Update(statement, [&](std::int64_t) {
    std::vector<statement::Column> out;
    for (const auto& column : *columns) out.push_back({column.name, column.type, column.signature});
    statement.SetColumns(std::move(out));
  });
  while (WaitForRoom(statement)) {
    const std::int64_t end_us = statement.started_us() + options_.statement_timeout_us;
    if (env_.clock.MonotonicUs() >= end_us) {
      fail({.name = "EXCEEDED_TIME_LIMIT",
            .message = fmt::format("Query exceeded the time limit of {} s; its rows were read "
                                   "too slowly, or there are too many",
                                   options_.statement_timeout_us / 1'000'000)});
      break;
    }
    auto page = runner.NextPage();
    if (!page) {
      NoteDamage(page.error());
      return fail(FailureFrom(page.error()));
    }
    if (page->rows_json.size() > kMaxPageBytes) {
      fail({.name = "GENERIC_INTERNAL_ERROR",
            .message = fmt::format("the worker sent a page of {} bytes; at most {} are allowed",
                                   page->rows_json.size(), kMaxPageBytes)});
      break;
    }
    const bool is_last = page->is_last;
    Update(statement, [&](std::int64_t now) {
      statement.AddPage(std::move(*page));
      if (is_last) statement.Finish(now);
    });
    if (is_last) return;
  }
  runner.EndQuery();
}

}  // namespace st::query
