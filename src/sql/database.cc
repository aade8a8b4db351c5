#include "sql/database.h"

#include <utility>

#include "base/check.h"
#include "base/quote.h"
#include "sql/native.h"

namespace st::sql {
namespace {

constexpr std::string_view kWantedVersion = "v1.5.";

std::unexpected<Error> FailWith(const char* message) {
  return std::unexpected(ErrorFromMessage(message == nullptr ? "DuckDB gave no reason" : message));
}

duckdb_connection NativeConnection(void* handle) { return static_cast<duckdb_connection>(handle); }
duckdb_prepared_statement NativeStatement(void* handle) {
  return static_cast<duckdb_prepared_statement>(handle);
}

}  // namespace

std::string LibraryVersion() { return duckdb_library_version(); }
std::string QuoteText(std::string_view text) { return Quoted(text, '\''); }
std::string QuoteName(std::string_view name) { return Quoted(name, '"'); }

struct Rows::Impl {
  duckdb_result result{};
  bool is_over = false;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { duckdb_destroy_result(&result); }
};

Rows::Rows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  const idx_t count = duckdb_column_count(&impl_->result);
  for (idx_t i = 0; i < count; ++i) {
    columns_.push_back({duckdb_column_name(&impl_->result, i),
                        TypeFrom(duckdb_column_logical_type(&impl_->result, i))});
  }
}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

Result<std::optional<Chunk>> Rows::Next() {
  while (!impl_->is_over) {
    const auto native = duckdb_fetch_chunk(impl_->result);
    if (native == nullptr) {
      impl_->is_over = true;
      const char* message = duckdb_result_error(&impl_->result);
      if (message != nullptr && *message != '\0') return FailWith(message);
      break;
    }
    Chunk chunk(native);
    if (chunk.rows() > 0) return chunk;
  }
  return std::nullopt;
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  auto native = NativeStatement(statement_);
  if (native != nullptr) duckdb_destroy_prepare(&native);
}

std::vector<Rows::Column> Statement::columns() const {
  const auto native = NativeStatement(statement_);
  std::vector<Rows::Column> out;
  const idx_t count = duckdb_prepared_statement_column_count(native);
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(native, i);
    out.push_back({name == nullptr ? "" : name,
                   TypeFrom(duckdb_prepared_statement_column_logical_type(native, i))});
    duckdb_free(const_cast<char*>(name));
  }
  return out;
}

bool Statement::is_select() const {
  return duckdb_prepared_statement_type(NativeStatement(statement_)) ==
         DUCKDB_STATEMENT_TYPE_SELECT;
}

Status Statement::BindText(int index, std::string_view text) {
  const auto native = NativeStatement(statement_);
  if (duckdb_bind_varchar_length(native, static_cast<idx_t>(index), text.data(), text.size()) !=
      DuckDBSuccess) {
    return FailWith(duckdb_prepare_error(native));
  }
  return {};
}

Result<Rows> Statement::Execute() {
  duckdb_pending_result pending = nullptr;
  const auto owner = [](duckdb_pending_result* handle) { duckdb_destroy_pending(handle); };
  const std::unique_ptr<duckdb_pending_result, decltype(owner)> guard(&pending, owner);
  if (duckdb_pending_prepared_streaming(NativeStatement(statement_), &pending) != DuckDBSuccess) {
    return FailWith(duckdb_pending_error(pending));
  }
  auto impl = std::make_unique<Rows::Impl>();
  if (duckdb_execute_pending(pending, &impl->result) != DuckDBSuccess) {
    const char* message = duckdb_result_error(&impl->result);
    return FailWith(message == nullptr ? duckdb_pending_error(pending) : message);
  }
  return Rows(std::move(impl));
}

Connection::Connection(Connection&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

Connection::~Connection() {
  auto native = NativeConnection(connection_);
  if (native != nullptr) duckdb_disconnect(&native);
}

Result<Statement> Connection::Prepare(const std::string& sql) {
  duckdb_prepared_statement native = nullptr;
  const auto state = duckdb_prepare(NativeConnection(connection_), sql.c_str(), &native);
  Statement statement(native);
  if (state != DuckDBSuccess) return FailWith(duckdb_prepare_error(native));
  return statement;
}

Status Connection::Run(const std::string& sql) {
  duckdb_result result{};
  const auto state = duckdb_query(NativeConnection(connection_), sql.c_str(), &result);
  Status status;
  if (state != DuckDBSuccess) status = FailWith(duckdb_result_error(&result));
  duckdb_destroy_result(&result);
  return status;
}

Result<std::string> Connection::Text(const std::string& sql) {
  ST_TRY(auto statement, Prepare(sql));
  ST_TRY(auto rows, statement.Execute());
  ST_TRY(const auto chunk, rows.Next());
  if (!chunk || chunk->columns() == 0 || chunk->Column(0).IsNull(0)) return std::string();
  if (rows.columns()[0].type.id != TypeId::kVarchar) {
    return Fail(ErrorCode::kInvalidArgument, "{}: the first column is no VARCHAR", sql);
  }
  return std::string(chunk->Column(0).StringAt(0));
}

void Connection::Interrupt() { duckdb_interrupt(NativeConnection(connection_)); }

Result<Database> Database::Open(const DatabaseOptions& options) {
  const std::string version = LibraryVersion();
  if (!version.starts_with(kWantedVersion)) {
    return Fail(ErrorCode::kUnsupported,
                "libduckdb.so is {}, this program needs {}x: put that library beside it", version,
                kWantedVersion);
  }
  duckdb_config config = nullptr;
  ST_CHECK(duckdb_create_config(&config) == DuckDBSuccess);
  std::vector<std::pair<std::string, std::string>> settings = {
      {"memory_limit", fmt::format("{}B", options.memory_limit_bytes)},
      {"threads", fmt::format("{}", options.threads)},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
  };
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess) {
      duckdb_destroy_config(&config);
      return Fail(ErrorCode::kInvalidArgument, "DuckDB does not take {} = {}", name, value);
    }
  }
  duckdb_database native = nullptr;
  char* message = nullptr;
  const auto state = duckdb_open_ext(nullptr, &native, config, &message);
  duckdb_destroy_config(&config);
  const std::string why = TakeText(message);
  if (state != DuckDBSuccess) return FailWith(why.c_str());
  return Database(native);
}

Database::Database(Database&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}

Database::~Database() {
  auto native = static_cast<duckdb_database>(database_);
  if (native != nullptr) duckdb_close(&native);
}

Result<Connection> Database::Connect() {
  duckdb_connection native = nullptr;
  if (duckdb_connect(static_cast<duckdb_database>(database_), &native) != DuckDBSuccess) {
    return Fail(ErrorCode::kIo, "DuckDB gives no connection");
  }
  return Connection(native);
}

}  // namespace st::sql
