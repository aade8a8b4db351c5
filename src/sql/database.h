// A DuckDB in memory: database, connection, prepared statement, rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/chunk.h"
#include "sql/error.h"

namespace st::sql {

struct DatabaseOptions {
  std::int64_t memory_limit_bytes = 1LL << 30;  // of DuckDB's buffers, not of all its memory
  int threads = 1;
  // Any of DuckDB's settings, as SET takes them.
  std::vector<std::pair<std::string, std::string>> settings;
};

// The version of the library that is loaded, "v1.5.5".
std::string LibraryVersion();

// Text as an SQL literal, 'it''s'; a name as a quoted identifier.
std::string QuoteText(std::string_view text);
std::string QuoteName(std::string_view name);

// The rows of a statement, computed as they are read.
//
// Threads: that of its connection.
// Owner:   destroy it before its connection; a connection has one open set of rows at a time.
class Rows {
 public:
  struct Column {
    std::string name;
    Type type;
  };
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();
  const std::vector<Column>& columns() const { return columns_; }
  // The next rows, at least one; nullopt at the end. After an error the rows are over.
  Result<std::optional<Chunk>> Next();

 private:
  friend class Statement;
  struct Impl;
  explicit Rows(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::vector<Column> columns_;
};

// A parsed and bound statement.
//
// Threads: as Rows.
// Owner: as Rows.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  ~Statement();
  // The columns of its result, without running it.
  std::vector<Rows::Column> columns() const;
  bool is_select() const;
  // `index` from 1.
  Status BindText(int index, std::string_view text);
  // Runs it up to its first rows; the rest is computed by Rows::Next.
  Result<Rows> Execute();

 private:
  friend class Connection;
  explicit Statement(void* statement) : statement_(statement) {}
  void* statement_;
};

// Threads: one thread, but Interrupt may be called from any while the connection lives.
// Owner:   destroy it before its database.
// Errors:  as ErrorFromMessage.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();
  // kInvalidArgument for more than one statement, too.
  Result<Statement> Prepare(const std::string& sql);
  // Runs one or more statements to their end and drops their rows.
  Status Run(const std::string& sql);
  // The first column of the first row as text; "" when there is none.
  Result<std::string> Text(const std::string& sql);
  // Ends the running statement with kShutdown. A statement that has not begun is not stopped, so
  // repeat the call until the other thread has stopped.
  void Interrupt();

  void* native() const { return connection_; }  // for this module

 private:
  friend class Database;
  explicit Connection(void* connection) : connection_(connection) {}
  void* connection_;
};

// Threads: Connect from one thread.
class Database {
 public:
  // In memory, without extensions from outside. kUnsupported: the library is not of the version
  // that this program was made for.
  static Result<Database> Open(const DatabaseOptions& options);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();
  Result<Connection> Connect();

 private:
  explicit Database(void* database) : database_(database) {}
  void* database_;
};

}  // namespace st::sql
