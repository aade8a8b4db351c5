// The tables of a stopped data folder, without a server.
#pragma once

#include "cli/sql_client.h"

namespace st::cli {

// Holds the folder's lock while it lives. kUnavailable: there is no data folder, or a server holds
// it that does not listen (yet).
Result<std::unique_ptr<SqlClient>> OpenSqlFolder(const app::Config& config, SqlSession session);

}  // namespace st::cli
