#include "worker/query/job.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "jobs/limits.h"
#include "sql/database.h"
#include "worker/engine/engine.h"
#include "worker/query/check.h"
#include "worker/query/constants.h"
#include "worker/query/count_statement.h"
#include "worker/query/errors.h"
#include "worker/query/limits.h"
#include "worker/query/macros.h"
#include "worker/query/rows.h"
#include "worker/query/tables.h"
#include "worker/query/text.h"
#include "worker/query/types.h"

namespace st::worker::query {
namespace {

using Columns = std::vector<jobs::ResultColumn>;

std::string DefaultName(std::size_t index) { return fmt::format("_col{}", index); }

// True for a name that DuckDB invents for an expression or an unnamed column of VALUES in a derived
// table.
bool IsMadeUp(const std::string& name) { return name.find('(') != std::string::npos; }

// Whether result column `index` of `count` is an expression without a name.
bool IsUnnamed(const std::vector<SelectItem>& items, std::size_t index, std::size_t count) {
  const auto star = std::ranges::find(items, SelectItem::Kind::kStar, &SelectItem::kind);
  const auto before = static_cast<std::size_t>(star - items.begin());
  if (index < before) return items[index].kind == SelectItem::Kind::kUnnamed;
  const std::size_t from_end = count - index;  // 1 means the last column
  const auto last =
      std::ranges::find(items.rbegin(), items.rend(), SelectItem::Kind::kStar, &SelectItem::kind);
  const auto after = static_cast<std::size_t>(last - items.rbegin());
  if (from_end > after || from_end > items.size()) return false;
  return items[items.size() - from_end].kind == SelectItem::Kind::kUnnamed;
}

// A running statement with its own database.
struct OpenQuery {
  sql::Database database;
  sql::Connection connection;
  DuckText text;
  jobs::QueryJob job;
  CheckedStatement checked;
  bool has_catalog = false;
  std::optional<sql::Statement> statement;
  std::optional<sql::Rows> rows;
  std::optional<RowWriter> writer;
  std::optional<sql::Chunk> chunk;
  std::uint64_t chunk_row = 0;
  std::int64_t rows_sent = 0;
};

class Queries final : public QueryHandler {
 public:
  explicit Queries(const engine::WorkerSettings& settings) : settings_(settings) {}

  jobs::QueryResult<StartedQuery> StartQuery(const jobs::QueryJob& job,
                                             engine::JobControl& control) override {
    End();
    auto started = Start(job, control);
    if (!started) End();
    return started;
  }

  jobs::QueryResult<StartedQuery> TakeFiles(std::vector<std::vector<std::string>> files,
                                            engine::JobControl& control) override {
    if (!open_ || files.size() != open_->checked.uses.size()) {
      End();
      return std::unexpected(jobs::QueryError{.code = ErrorCode::kUnavailable,
                                              .name = "GENERIC_INTERNAL_ERROR",
                                              .message = "no statement waits for these files"});
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      auto& table = open_->job.tables[open_->checked.uses[i].table];
      if (table.asks_for_files) table.files = std::move(files[i]);
    }
    auto started = Execute(control);
    if (!started) End();
    return started;
  }

  jobs::QueryResult<jobs::QueryPage> NextPage(engine::JobControl& control) override {
    if (!open_) {
      return std::unexpected(jobs::QueryError{.code = ErrorCode::kUnavailable,
                                              .name = "GENERIC_INTERNAL_ERROR",
                                              .message = "no statement is open in this worker"});
    }
    auto page = Page(control);
    if (!page || page->is_last) End();
    return page;
  }

  void End() override {
    if (!open_) return;
    open_->rows.reset();
    open_->statement.reset();
    open_.reset();
  }

  bool has_open() const override { return open_.has_value(); }

  // Opens a database in advance: that takes about 15 ms, longer than most statements.
  void Rest() override {
    if (spare_ || open_) return;
    spare_ = engine::OpenEngine(
        {.memory_limit_bytes = settings_.memory_limit_bytes,
         .threads = settings_.threads,
         .folders = {settings_.warehouse},
         .settings = {{"errors_as_json", "true"}, {"integer_division", "true"}}});
  }

  bool is_broken() const override { return is_broken_; }

 private:
  jobs::QueryResult<StartedQuery> Start(const jobs::QueryJob& job, engine::JobControl& control) {
    ST_TRY(DuckText text, DuckText::From(job.sql));
    if (!spare_) Rest();
    auto database = std::move(*spare_);
    spare_.reset();
    if (!database) return std::unexpected(Internal(database.error()));
    auto connection = database->Connect();
    if (!connection) return std::unexpected(Internal(connection.error()));
    open_.emplace(std::move(*database), std::move(*connection), std::move(text), job,
                  CheckedStatement());
    {
      const engine::JobControl::Interrupting interrupting(control, open_->connection);
      ST_TRY(open_->checked, Parse(control));
      const auto zone = fmt::format("SET TimeZone = {}", sql::QuoteText(job.time_zone));
      if (auto set = open_->connection.Run(zone); !set) {
        return std::unexpected(Failed(set.error(), control));
      }
    }
    const auto& uses = open_->checked.uses;
    const bool asks = std::ranges::any_of(
        uses, [&](const auto& use) { return job.tables[use.table].asks_for_files; });
    if (!asks || KnownCount()) return Execute(control);
    if (auto made = EvaluateFilters(); !made) return std::unexpected(Failed(made.error(), control));
    return uses;
  }

  // The number of rows that is all that the statement asks for, if it is known.
  std::optional<std::int64_t> KnownCount() const {
    const auto& [items, uses, functions, counts] = open_->checked;
    if (counts.empty() || uses.size() != 1) return std::nullopt;
    const auto rows = open_->job.tables[uses.front().table].rows;
    return rows < 0 ? std::nullopt : std::optional(rows);
  }

  // Replaces the expressions of the filters by their values. Where one has none, the statement will
  // fail for it, and until then every file may be wanted.
  Status EvaluateFilters() {
    auto& uses = open_->checked.uses;
    const auto has_expressions = [](const auto& use) { return HasExpressions(use.filter); };
    if (std::ranges::none_of(uses, has_expressions)) return {};
    ST_TRY_STATUS(CreateCatalog());
    // In one transaction with the statement, whose now() is the transaction's. A transaction writes
    // to one database of DuckDB alone: what is in others is there already.
    sql::Connection& connection = open_->connection;
    ST_TRY_STATUS(connection.Run("BEGIN TRANSACTION"));
    for (auto& use : uses) {
      if (EvaluateConstants(connection, open_->job.tables[use.table], use.filter)) continue;
      ST_TRY_STATUS(connection.Run("ROLLBACK"));
      for (auto& each : uses) each.filter = {};
      break;
    }
    return {};
  }

  // Runs the checked statement over the files of its tables.
  jobs::QueryResult<StartedQuery> Execute(engine::JobControl& control) {
    const engine::JobControl::Interrupting interrupting(control, open_->connection);
    const auto count = KnownCount();
    if (auto prepared = PrepareDatabase(); !prepared) {
      return std::unexpected(Failed(prepared.error(), control));
    }
    auto statement = open_->connection.Prepare(count ? CountText(open_->checked.counts, *count)
                                                     : open_->text.text());
    if (!statement) return std::unexpected(Failed(statement.error(), control));
    open_->statement.emplace(std::move(*statement));
    ST_TRY(Columns columns, Describe());
    auto rows = open_->statement->Execute();
    if (!rows) return std::unexpected(Failed(rows.error(), control));
    open_->rows = std::move(*rows);
    return columns;
  }

  jobs::QueryResult<CheckedStatement> Parse(engine::JobControl& control) {
    auto parsed = [&]() -> Result<std::string> {
      ST_TRY(auto serialize,
             open_->connection.Prepare("SELECT json_serialize_sql(CAST(? AS VARCHAR))"));
      ST_TRY_STATUS(serialize.BindText(1, open_->text.text()));
      ST_TRY(auto rows, serialize.Execute());
      ST_TRY(const auto chunk, rows.Next());
      if (!chunk) return Fail(ErrorCode::kIo, "json_serialize_sql gave no row");
      return std::string(chunk->Column(0).StringAt(0));
    }();
    if (!parsed) return std::unexpected(Failed(parsed.error(), control));
    return CheckStatement(TreeFrom(*std::move(parsed)), open_->text, open_->job);
  }

  // Creates the macros that the statement uses, and the catalog for its tables, once.
  Status CreateCatalog() {
    if (std::exchange(open_->has_catalog, true)) return {};
    const auto& checked = open_->checked;
    for (const std::string_view macro : MacrosFor(checked.functions)) {
      ST_TRY_STATUS(open_->connection.Run(std::string(macro)));
    }
    for (const std::string& statement : CatalogStatements(open_->job, checked.uses)) {
      ST_TRY_STATUS(open_->connection.Run(statement));
    }
    return {};
  }

  // Creates the macros and tables that the statement uses, then locks the configuration.
  Status PrepareDatabase() {
    const auto& checked = open_->checked;
    sql::Connection& connection = open_->connection;
    if (const std::int64_t limit = open_->job.memory_limit_bytes;
        limit < settings_.memory_limit_bytes) {
      ST_TRY_STATUS(connection.Run(fmt::format("SET memory_limit = '{} bytes'", limit)));
    }
    ST_TRY_STATUS(CreateCatalog());
    for (const std::string& statement : ViewStatements(open_->job, checked.uses)) {
      ST_TRY_STATUS(connection.Run(statement));
    }
    return engine::Lock(connection);
  }

  jobs::QueryResult<Columns> Describe() {
    const auto& checked = open_->checked;
    if (!open_->statement->is_select()) {
      return std::unexpected(jobs::QueryError{.code = ErrorCode::kUnsupported,
                                              .name = "NOT_SUPPORTED",
                                              .message = "only SELECT statements are answered"});
    }
    const auto described = open_->statement->columns();
    Columns columns;
    std::vector<sql::Type> types;
    for (std::size_t i = 0; i < described.size(); ++i) {
      const auto& column = described[i];
      std::string name = AsciiLower(column.name);
      if (IsUnnamed(checked.items, i, described.size()) || IsMadeUp(name)) name = DefaultName(i);
      auto type = TrinoTypeOf(column.type, open_->job.parametric_datetime);
      if (!type) {
        return std::unexpected(jobs::QueryError{
            .code = ErrorCode::kUnsupported,
            .name = "NOT_SUPPORTED",
            .message = fmt::format("column '{}' has type {}, which clients do not know; cast it "
                                   "to varchar",
                                   name, column.type.ToString())});
      }
      columns.push_back({std::move(name), std::move(type->name), std::move(type->signature)});
      types.push_back(column.type);
    }
    open_->writer.emplace(std::move(types), open_->job.parametric_datetime);
    return columns;
  }

  // Returns false at the end of the result.
  jobs::QueryResult<bool> NextChunk(engine::JobControl& control) {
    while (!open_->chunk || open_->chunk_row >= open_->chunk->rows()) {
      auto next = open_->rows->Next();
      if (!next) return std::unexpected(Failed(next.error(), control));
      if (!next->has_value()) return false;
      open_->chunk = std::move(**next);
      open_->chunk_row = 0;
    }
    return true;
  }

  jobs::QueryResult<jobs::QueryPage> Page(engine::JobControl& control) {
    const engine::JobControl::Interrupting interrupting(control, open_->connection);
    const jobs::QueryJob& job = open_->job;
    jobs::QueryPage page{.rows_json = "["};
    while (page.rows < job.page_rows &&
           static_cast<std::int64_t>(page.rows_json.size()) < job.page_bytes) {
      if (const auto stop = control.Check(); !stop) {
        return std::unexpected(QueryErrorFromStop(stop.error()));
      }
      ST_TRY(const bool has_row, NextChunk(control));
      if (!has_row) {
        page.is_last = true;
        break;
      }
      if (open_->rows_sent >= job.max_rows) return std::unexpected(TooManyRows(job));
      if (page.rows > 0) page.rows_json += ',';
      const std::size_t before = page.rows_json.size();
      ST_TRY_STATUS(open_->writer->WriteRow(*open_->chunk, open_->chunk_row, page.rows_json));
      const std::size_t bytes = page.rows_json.size() - before;
      if (bytes > jobs::kMaxRowBytes) return std::unexpected(TooWide(bytes));
      ++open_->chunk_row;
      ++open_->rows_sent;
      ++page.rows;
    }
    page.rows_json += ']';
    return page;
  }

  static jobs::QueryError TooManyRows(const jobs::QueryJob& job) {
    return FailWith("EXCEEDED_SCAN_LIMIT",
                    fmt::format("the result has more than {} rows, the limit of a statement; "
                                "aggregate it or add a LIMIT",
                                job.max_rows));
  }
  static jobs::QueryError TooWide(std::size_t bytes) {
    return FailWith("PAGE_TOO_LARGE", fmt::format("a row has {} bytes as JSON, the limit is {}; "
                                                  "ask for parts of its values",
                                                  bytes, jobs::kMaxRowBytes));
  }

  // A stopped statement reports why it was stopped; any other failure reports DuckDB's error.
  jobs::QueryError Failed(const Error& error, const engine::JobControl& control) {
    if (const auto stop = control.Check(); !stop) return QueryErrorFromStop(stop.error());
    is_broken_ = is_broken_ || sql::KindOf(error) == sql::ErrorKind::kInternal;
    if (auto unreadable = UnreadableFile(error, open_->job.tables)) return *unreadable;
    return QueryErrorFrom(error, open_->text);
  }
  jobs::QueryError Internal(const Error& error) {
    is_broken_ = true;
    return {
        .code = ErrorCode::kIo,
        .name = "GENERIC_INTERNAL_ERROR",
        .message = fmt::format("the SQL engine does not open ({})", ErrorCodeName(error.code()))};
  }

  const engine::WorkerSettings settings_;
  std::optional<Result<sql::Database>> spare_;  // opened for the next statement
  std::optional<OpenQuery> open_;
  bool is_broken_ = false;
};

}  // namespace

std::unique_ptr<QueryHandler> MakeQueryHandler(const engine::WorkerSettings& settings) {
  return std::make_unique<Queries>(settings);
}

}  // namespace st::worker::query
