// The DuckDB of a worker: in memory, no network, no files but those of the warehouse.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/database.h"
#include "worker/engine/settings.h"

namespace st::worker::engine {

struct EngineOptions {
  std::int64_t memory_limit_bytes = 1LL << 30;
  int threads = 1;
  std::vector<std::string> folders;  // the only ones that SQL can name
  // Settings beside the sandbox's own.
  std::vector<std::pair<std::string, std::string>> settings;
};

// Opens a database in which SQL reaches `folders` only and spills nothing to disk. Its settings can
// still be changed: run statements that need SET or LOAD, then Lock.
Result<sql::Database> OpenEngine(const EngineOptions& options);

// After this call no statement of the database can change a setting.
Status Lock(sql::Connection& connection);

}  // namespace st::worker::engine
