#include "client/http_sql_client.h"

#include "base/mutex.h"
#include "net/http_client.h"
#include "os/environment.h"

namespace st::client {
namespace {

constexpr std::int64_t kAnswerTimeoutUs = 90'000'000;
constexpr std::int64_t kCancelTimeoutUs = 3'000'000;

// Path and query of an absolute URI.
std::string TargetOf(const std::string& uri) {
  const auto scheme = uri.find("://");
  const auto slash = uri.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return slash == std::string::npos ? "/" : uri.substr(slash);
}

class HttpSqlClient final : public SqlClient {
 public:
  HttpSqlClient(std::string endpoint, SqlSession session)
      : endpoint_(std::move(endpoint)), session_(std::move(session)) {}

  Result<statement::QueryResults> Post(const std::string& sql) override {
    SetNext("");
    return Ask({.method = "POST",
                .target = "/v1/statement",
                .headers = {{"X-Trino-User", UserName()},
                            {"X-Trino-Source", "steelthread-sql"},
                            {"X-Trino-Catalog", session_.catalog},
                            {"X-Trino-Schema", session_.schema},
                            {"X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME"}},
                .body = sql});
  }

  Result<statement::QueryResults> Next() override {
    return Ask({.target = next_.With([](const std::string& next) { return next; })});
  }

  void Cancel() override {
    const auto next = next_.With([](const std::string& uri) { return uri; });
    if (next.empty()) return;
    Ignore(net::Fetch(endpoint_, WithHost({.method = "DELETE", .target = next}),
                      {.timeout_us = kCancelTimeoutUs}),
           "the server drops what nobody reads");
  }

 private:
  void SetNext(std::string target) {
    next_.With([&](std::string& next) { next = std::move(target); });
  }

  // The name by which the server lets itself be called, whatever address it listens on.
  static net::ClientRequest WithHost(net::ClientRequest request) {
    request.headers.emplace_back("Host", "localhost");
    return request;
  }

  Result<statement::QueryResults> Ask(const net::ClientRequest& request) {
    ST_TRY(const auto reply,
           net::Fetch(endpoint_, WithHost(request), {.timeout_us = kAnswerTimeoutUs}));
    if (reply.status != 200) {
      return Fail(ErrorCode::kUnavailable, "{} answers {}: {}", endpoint_, reply.status,
                  reply.body.substr(0, 300));
    }
    ST_TRY(auto results, statement::Parse(reply.body));
    SetNext(results.next_uri.empty() ? "" : TargetOf(results.next_uri));
    if (const auto catalog = reply.Header("X-Trino-Set-Catalog"); !catalog.empty()) {
      session_.catalog = catalog;
    }
    if (const auto schema = reply.Header("X-Trino-Set-Schema"); !schema.empty()) {
      session_.schema = schema;
    }
    return results;
  }

  const std::string endpoint_;
  SqlSession session_;
  Guarded<std::string> next_;  // Cancel reads it beside the asking thread
};

}  // namespace

std::string UserName() {
  const char* user = os::FindVariable("USER");
  return user != nullptr && *user != '\0' ? user : "steelthread";
}

std::unique_ptr<SqlClient> MakeHttpSqlClient(std::string endpoint, SqlSession session) {
  return std::make_unique<HttpSqlClient>(std::move(endpoint), std::move(session));
}

}  // namespace st::client
