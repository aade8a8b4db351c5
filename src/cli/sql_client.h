// The client side of the statement protocol: a server's, or that of a stopped data folder.
#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "format/statement/statement.h"

namespace st::cli {

// One session; one statement at a time.
//
// Threads: Post and Next from one thread; Cancel from any.
// Errors:  kUnavailable no answer; kInvalidArgument the answer is not of the protocol. A
//          statement's own failure is in its answer.
class SqlClient {
 public:
  virtual ~SqlClient() = default;
  virtual Result<statement::QueryResults> Post(const std::string& sql) = 0;
  // The answer at the last one's next_uri. Requires: it has one.
  virtual Result<statement::QueryResults> Next() = 0;
  // The statement that runs ends with USER_CANCELED; not an error if none runs.
  virtual void Cancel() = 0;
};

struct SqlSession {
  std::string catalog = "lake";
  std::string schema = "default";
};

// Speaks to `endpoint`, "127.0.0.1:8080".
std::unique_ptr<SqlClient> MakeHttpSqlClient(std::string endpoint, SqlSession session);

}  // namespace st::cli
