// The client side of the statement protocol, to a running server (http_sql_client.h) or to the
// tables of a stopped one.
#pragma once

#include <string>

#include "base/result.h"
#include "format/statement/query_results.h"

namespace st::client {

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

}  // namespace st::client
