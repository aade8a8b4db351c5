// The statement protocol over HTTP, to a running server.
#pragma once

#include <memory>
#include <string>

#include "client/sql_client.h"

namespace st::client {

// The user under whose name this process asks: that of its environment.
std::string UserName();

// Speaks to `endpoint`, "127.0.0.1:8080".
std::unique_ptr<SqlClient> MakeHttpSqlClient(std::string endpoint, SqlSession session);

}  // namespace st::client
