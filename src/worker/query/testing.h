// Statements run by the real query worker over small tables, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jobs/worker_client.h"
#include "sql/database.h"
#include "worker/testing/job_test.h"

namespace st::worker::query {

// A warehouse of Parquet files with Iceberg field ids:
//   purchases    two files; the second has two columns more and "host" renamed from "old_host"
//   empty_table  no file
//   bad.rows     one file
class QueryWarehouse {
 public:
  QueryWarehouse() {
    std::string pattern = ::testing::TempDir() + "query_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    auto database = sql::Database::Open({});
    EXPECT_TRUE(database);
    auto connection = database->Connect();
    EXPECT_TRUE(connection);
    Copy(*connection, "a.parquet",
         "SELECT 'user' || i AS old_host, 'purchase_sword' AS event_type, i AS offset, "
         "TIMESTAMPTZ '2026-11-23 10:00:00+00' + to_seconds(i) AS timestamp FROM range(3) t(i)",
         "{old_host: 1, event_type: 2, \"offset\": 3, \"timestamp\": 4}");
    Copy(*connection, "b.parquet",
         "SELECT 'user' || i AS host, 'purchase_knife' AS event_type, i AS offset, "
         "TIMESTAMPTZ '2026-11-23 10:00:00+00' + to_seconds(i) AS timestamp, "
         "CAST(i * 1.5 AS DECIMAL(9, 2)) AS price, {'Host': 'h' || i}::JSON::VARCHAR AS raw_event "
         "FROM range(3, 5) t(i)",
         "{host: 1, event_type: 2, \"offset\": 3, \"timestamp\": 4, price: 5, raw_event: 6}");
    Copy(*connection, "bad.parquet", "SELECT 'x\\x00\\xFF'::BLOB AS raw_value, 'not_json' AS code",
         "{raw_value: 1, code: 2}");
  }
  ~QueryWarehouse() { std::filesystem::remove_all(folder_); }
  QueryWarehouse(const QueryWarehouse&) = delete;
  QueryWarehouse& operator=(const QueryWarehouse&) = delete;

  const std::string& folder() const { return folder_; }

  jobs::QueryJob Job(std::string sql) const {
    const std::vector<jobs::TableColumn> columns = {
        {1, "host", "string"},           {2, "event_type", "string"},   {3, "offset", "long"},
        {4, "timestamp", "timestamptz"}, {5, "price", "decimal(9, 2)"}, {6, "raw_event", "string"}};
    jobs::QueryJob job{.sql = std::move(sql)};
    job.tables.push_back({.schema = "default",
                          .name = "purchases",
                          .columns = columns,
                          .files = {folder_ + "/a.parquet", folder_ + "/b.parquet"}});
    job.tables.push_back({.schema = "default", .name = "empty_table", .columns = columns});
    job.tables.push_back({.schema = "bad",
                          .name = "rows",
                          .columns = {{1, "raw_value", "binary"}, {2, "code", "string"}},
                          .files = {folder_ + "/bad.parquet"}});
    return job;
  }

 private:
  void Copy(sql::Connection& connection, const std::string& file, const std::string& select,
            const std::string& ids) const {
    const auto done =
        connection.Run("COPY (" + select + ") TO " + sql::QuoteText(folder_ + "/" + file) +
                       " (FORMAT parquet, FIELD_IDS " + ids + ")");
    EXPECT_TRUE(done) << done.error().message();
  }

  std::string folder_;
};

// The answer to a statement: its columns as "name type, name type" and all of its rows, or
// "NAME: message".
struct Answer {
  std::string columns;
  std::string rows;
  std::string error;
  int pages = 0;
};

inline Answer ReadAll(jobs::WorkerClient& client, const jobs::QueryJob& job,
                      std::int64_t timeout_us = 60 * kSecond) {
  Answer answer;
  const auto fail = [&](const jobs::QueryError& error) {
    answer.error = error.name + ": " + error.message;
    return answer;
  };
  const auto columns = client.StartQuery(job, timeout_us);
  if (!columns) return fail(columns.error());
  for (const auto& column : *columns) {
    answer.columns += (answer.columns.empty() ? "" : ", ") + column.name + " " + column.type;
  }
  while (true) {
    const auto page = client.NextPage();
    if (!page) return fail(page.error());
    ++answer.pages;
    const std::string rows = page->rows_json.substr(1, page->rows_json.size() - 2);
    answer.rows += (answer.rows.empty() || rows.empty() ? "" : ",") + rows;
    if (page->is_last) return answer;
  }
}

}  // namespace st::worker::query
