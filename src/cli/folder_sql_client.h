// The statement protocol on the tables of a stopped data folder, by an engine in this process.
#pragma once

#include <memory>

#include "app/config.h"
#include "client/sql_client.h"

namespace st::cli {

// Holds the folder's lock while it lives. kUnavailable: there is no data folder, or a server holds
// it that does not listen (yet).
Result<std::unique_ptr<client::SqlClient>> OpenFolderSqlClient(const app::Config& config,
                                                               client::SqlSession session);

}  // namespace st::cli
