#include "worker/engine.h"

namespace st::worker {

Result<sql::Database> OpenEngine(const EngineOptions& options) {
  sql::DatabaseOptions database_options{.memory_limit_bytes = options.memory_limit_bytes,
                                        .threads = options.threads,
                                        .settings = options.settings};
  database_options.settings.emplace_back("temp_directory", "");
  database_options.settings.emplace_back("allow_community_extensions", "false");
  ST_TRY(auto database, sql::Database::Open(database_options));
  ST_TRY(auto connection, database.Connect());
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

}  // namespace st::worker
