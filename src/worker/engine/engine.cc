#include "worker/engine/engine.h"

namespace st::worker::engine {

Result<sql::Database> OpenEngine(const EngineOptions& options) {
  ST_TRY(auto database,
         sql::Database::Open(
             {.memory_limit_bytes = options.memory_limit_bytes,
              .threads = options.threads,
              .settings = {{"temp_directory", ""}, {"allow_community_extensions", "false"}}}));
  ST_TRY(auto connection, database.Connect());
  // Some settings belong to extensions that DuckDB loads only once it is open, so they are set
  // here.
  for (const auto& [name, value] : options.settings) {
    ST_TRY_STATUS(connection.Run(fmt::format("SET GLOBAL {} = {}", name, sql::QuoteText(value))));
  }
  std::string folders;
  for (const auto& folder : options.folders) {
    if (!folders.empty()) folders += ", ";
    folders += sql::QuoteText(folder);
  }
  ST_TRY_STATUS(connection.Run("SET allowed_directories = [" + folders + "]"));
  ST_TRY_STATUS(connection.Run("SET enable_external_access = false"));
  return database;
}

Status Lock(sql::Connection& connection) { return connection.Run("SET lock_configuration = true"); }

}  // namespace st::worker::engine
