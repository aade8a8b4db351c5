// Tests hostile statements (I10): each is refused or stopped with its reason, and then the worker,
// or its successor, answers the next statement.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <chrono>

#include "base/mutex.h"
#include "os/thread.h"
#include "worker/query/testing.h"

namespace st::worker::query {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HostileStatement : public ::testing::Test {
 protected:
  jobs::WorkerOptions Options() const {
    return {.kind = jobs::WorkerKind::kQuery,
            .program = WorkerProgram(),
            .warehouse = warehouse_.folder(),
            .memory_limit_bytes = 256LL << 20};
  }
  Answer Run(const std::string& sql, std::int64_t timeout_us = 60 * kSecond) {
    return ReadAll(client_, warehouse_.Job(sql), timeout_us);
  }
  void AnswersAgain() { EXPECT_EQ(Run("select 1").rows, "[1]"); }

  QueryWarehouse warehouse_;
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  jobs::WorkerClient client_{*clock_, Options()};
};

std::string Times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST_F(HostileStatement, IsRefusedUnlessItIsASelect) {
  for (const char* sql : {"copy purchases to '/tmp/x'",
                          "copy (select 1) to '/tmp/x' (format parquet)",
                          "attach '/tmp/x.db'",
                          "attach ':memory:' as m",
                          "detach lake",
                          "install httpfs",
                          "load '/tmp/x'",
                          "set memory_limit = '1TB'",
                          "reset memory_limit",
                          "pragma database_list",
                          "pragma disable_optimizer",
                          "call enable_logging()",
                          "checkpoint",
                          "create table t (a int)",
                          "create view v as select 1",
                          "create macro f() as 1",
                          "create secret s (type s3)",
                          "drop view purchases",
                          "insert into purchases values (1)",
                          "delete from purchases",
                          "update purchases set host = 1",
                          "alter table purchases add column x int",
                          "export database '/tmp/x'",
                          "import database '/tmp/x'",
                          "vacuum",
                          "begin",
                          "explain select 1",
                          "prepare p as select 1",
                          "execute p",
                          "use bad",
                          "pivot purchases on host"}) {
    EXPECT_THAT(Run(sql).error, AnyOf(StartsWith("NOT_SUPPORTED"), StartsWith("SYNTAX_ERROR")))
        << sql;
  }
  for (const char* sql : {"select 1; drop view purchases", "select 1; select 2", "", ";", "-- x"}) {
    EXPECT_THAT(Run(sql).error, AnyOf(StartsWith("SYNTAX_ERROR"), StartsWith("NOT_SUPPORTED")))
        << sql;
  }
  AnswersAgain();
}

TEST_F(HostileStatement, CallsNoFunctionOutsideTheList) {
  for (const char* call : {"getenv('HOME')",
                           "current_setting('memory_limit')",
                           "getvariable('x')",
                           "current_query()",
                           "nextval('s')",
                           "setseed(0.5)",
                           "pg_sleep(1)",
                           "sleep_ms(1000)",
                           "write_log('x')",
                           "json_execute_serialized_sql('x')",
                           "json_serialize_sql('select 1')",
                           "json_deserialize_sql('x')",
                           "read_text('/etc/passwd')",
                           "parse_duckdb_log_message('a','b')",
                           "system.main.getenv('HOME')",
                           "main.current_setting('memory_limit')",
                           "system.main.abs(1)",
                           "pg_catalog.pg_sleep(1)",
                           "inet_server_addr()",
                           "stats(1)",
                           "st_path('x')",
                           "__internal_decompress_string('x')",
                           "in_search_path('a','b')",
                           "icu_sort_key('a','b')",
                           "query('select 1')",
                           "repeat('a', 1000000000)",
                           "error('x')"}) {
    EXPECT_THAT(Run(std::string("select ") + call).error, StartsWith("FUNCTION_NOT_FOUND")) << call;
    EXPECT_THAT(Run(std::string("select host from purchases order by ") + call).error,
                StartsWith("FUNCTION_NOT_FOUND"))
        << call;
  }
  AnswersAgain();
}

TEST_F(HostileStatement, ReadsNothingButTables) {
  for (const char* table : {"read_csv('/etc/passwd')",
                            "read_parquet('x')",
                            "parquet_scan('x')",
                            "read_text('/etc/x')",
                            "read_blob('/etc/passwd')",
                            "glob('/*')",
                            "sniff_csv('/etc/passwd')",
                            "query('select 1')",
                            "query_table('purchases')",
                            "duckdb_settings()",
                            "duckdb_secrets()",
                            "pragma_version()",
                            "duckdb_logs()",
                            "enable_logging(storage = 'file', storage_path = '/tmp/x')",
                            "checkpoint()",
                            "parquet_metadata('x')",
                            "which_secret('a', 'b')",
                            "test_all_types()",
                            "json_execute_serialized_sql('x')",
                            "seq_scan('purchases')",
                            "repeat('x', 3)",
                            "pg_timezone_names()",
                            "summary((select 1))",
                            "arrow_scan(1, 2, 3)"}) {
    EXPECT_THAT(Run(std::string("select * from ") + table).error,
                AnyOf(StartsWith("FUNCTION_NOT_FOUND"), StartsWith("SYNTAX_ERROR")))
        << table;
  }
  const std::string parquet = warehouse_.folder() + "/a.parquet";
  for (const std::string& table :
       {std::string("'/etc/passwd'"), std::string("\"/etc/passwd\""), "'" + parquet + "'",
        "\"" + parquet + "\"", std::string("information_schema.tables"),
        std::string("duckdb_settings"), std::string("sqlite_master"), std::string("pg_class"),
        std::string("pg_catalog.pg_class"), std::string("system.main.duckdb_settings"),
        std::string("main.purchases"), std::string("memory.main.purchases"),
        std::string("lake.main.purchases"), std::string("temp.purchases"),
        std::string("a.b.c.d")}) {
    EXPECT_THAT(Run("select * from " + table).error,
                AnyOf(HasSubstr("_NOT_FOUND: "), StartsWith("SYNTAX_ERROR")))
        << table;
    EXPECT_THAT(Run("select (select count(*) from " + table + ")").error,
                AnyOf(HasSubstr("_NOT_FOUND: "), StartsWith("SYNTAX_ERROR")))
        << table;
  }
  AnswersAgain();
}

// DuckDB looks for a file named like a table that it does not know, so a WITH of that name
// elsewhere in the statement must not make the name pass as a table.
TEST_F(HostileStatement, ReadsNoFileByANameOfWith) {
  const std::string file = "\"" + warehouse_.folder() + "/a.parquet\"";
  for (const std::string& sql :
       {"with a as (select * from " + file + "), " + file + " as (select 1) select * from a",
        "select * from (with " + file + " as (select 1) select 1), " + file,
        "with " + file + " as (select * from " + file + ") select * from " + file,
        "with recursive " + file + " as (select * from " + file + " union all select * from " +
            file + ") select 1",
        std::string("with a as (select * from b), b as (select 1) select * from a"),
        std::string("select * from (with b as (select 1) select * from b) x, b")}) {
    EXPECT_THAT(Run(sql).error, AnyOf(StartsWith("NOT_SUPPORTED"), StartsWith("TABLE_NOT_FOUND")))
        << sql;
  }
  AnswersAgain();
}

TEST_F(HostileStatement, IsRefusedWithUnsupportedConstructs) {
  for (const char* sql :
       {"describe purchases", "show tables", "summarize purchases",
        "select columns('h.*') from "
        "purchases",
        "select #1", "select $1", "select * from purchases at (version => 3)",
        "select * from purchases pivot (count(*) for host in ('user1'))",
        "from purchases unpivot (v for n in (host))",
        "with a as (insert into purchases values (1) returning *) select * from a",
        "select * from (show tables)", "select default from purchases where default"}) {
    EXPECT_THAT(Run(sql).error, Not("")) << sql;
  }
  EXPECT_THAT(Run(std::string("select '\0'", 10)).error, StartsWith("SYNTAX_ERROR"));
  AnswersAgain();
}

TEST_F(HostileStatement, SeesNoPathsInErrors) {
  jobs::QueryJob job = warehouse_.Job("select * from purchases");
  job.tables[0].files.push_back(warehouse_.folder() + "/missing.parquet");
  const Answer missing = ReadAll(client_, job);
  EXPECT_THAT(missing.error, StartsWith("GENERIC_INTERNAL_ERROR"));
  EXPECT_THAT(missing.error, Not(HasSubstr(warehouse_.folder())));
  job.tables[0].files = {"/etc/passwd"};
  const Answer outside = ReadAll(client_, job);
  EXPECT_NE(outside.error, "");
  EXPECT_THAT(outside.error, Not(HasSubstr("/etc")));
  AnswersAgain();
}

TEST_F(HostileStatement, FailsOnlyWhereItReadsADamagedTable) {
  jobs::QueryJob job = warehouse_.Job("select * from empty_table");
  job.tables[1].damage = "v3.metadata.json is no JSON";
  EXPECT_THAT(ReadAll(client_, job).error,
              "GENERIC_INTERNAL_ERROR: line 1:15: v3.metadata.json is no JSON");
  // The name as an alias, in a text, and of a part of the statement.
  for (const auto* sql : {"select count(*) as empty_table from purchases",
                          "select count(*) from purchases where host <> 'empty_table'",
                          "with empty_table as (select 1) select * from empty_table"}) {
    job.sql = sql;
    EXPECT_EQ(ReadAll(client_, job).error, "") << sql;
  }
}

TEST_F(HostileStatement, KillsNoWorkerByDeepNesting) {
  for (const int depth : {150, 100000}) {
    for (const auto& [open, middle, close] : std::vector<std::array<std::string, 3>>{
             {"select " + Times("(", depth), "1", Times(")", depth)},
             {"select " + Times("[", depth), "1", Times("]", depth)},
             {"select " + Times("abs(", depth), "1", Times(")", depth)},
             {"select " + Times("case when true then ", depth), "1", Times(" end", depth)},
             {"select " + Times("not ", depth), "true", ""},
             {"select " + Times("1+", depth), "1", ""},
             {"select 1", Times("::int", depth), ""},
             {"select null::int", Times("[]", depth), ""},
             {"select * from " + Times("(select * from ", depth), "purchases", Times(")", depth)},
             {"select 1", depth > 990 ? "" : Times(" union all select 1", depth), ""}}) {
      const Answer answer = Run(open + middle + close, 20 * kSecond);
      if (depth == 100000 && answer.error.empty()) EXPECT_EQ(answer.rows, "[1]");
      EXPECT_THAT(answer.error, Not(HasSubstr("killed"))) << depth << " " << open.substr(0, 40);
    }
  }
  EXPECT_THAT(Run("select '" + Times("x", 1'000'000) + "'").error,
              StartsWith("SYNTAX_ERROR: statement has 1000009 bytes"));
  AnswersAgain();
}

TEST_F(HostileStatement, EndsAtItsTimeLimit) {
  for (const char* sql :
       {"select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = 7",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select sum(levenshtein(x, y)) from (select lpad('a', 20000, 'b') x, lpad('b', 20000, 'a')"
        " y from range(100000))"}) {
    const std::int64_t begin_us = clock_->MonotonicUs();
    EXPECT_THAT(Run(sql, kSecond).error,
                AnyOf(StartsWith("EXCEEDED_TIME_LIMIT"), StartsWith("EXCEEDED_LOCAL_MEMORY")))
        << sql;
    EXPECT_LT(clock_->MonotonicUs() - begin_us, 30 * kSecond) << sql;
  }
  AnswersAgain();
}

TEST_F(HostileStatement, EndsAtItsMemoryLimit) {
  for (const char* sql :
       {"select count(*) from (select distinct range, range::varchar || 'xxxxxxxxxxxxxxxxxxxxxxxx'"
        " from range(100000000))",
        "select array_agg(range::varchar || 'xxxxxxxxxxxxxxxxxxxx') from range(100000000)",
        "select * from range(100000000) order by hash(range) limit 3 offset 90000000"}) {
    EXPECT_THAT(Run(sql).error,
                AnyOf(StartsWith("EXCEEDED_LOCAL_MEMORY_LIMIT"), StartsWith("EXCEEDED_TIME_LIMIT")))
        << sql;
  }
  AnswersAgain();
}

TEST_F(HostileStatement, EndsAtItsLimitOfRows) {
  jobs::QueryJob job = warehouse_.Job("select * from range(1000000)");
  job.max_rows = 25'000;
  const Answer answer = ReadAll(client_, job);
  EXPECT_EQ(answer.error,
            "EXCEEDED_SCAN_LIMIT: the result has more than 25000 rows, the limit of a statement; "
            "aggregate it or add a LIMIT");
  EXPECT_EQ(answer.pages, 2);
  job.sql = "select * from range(25000)";
  EXPECT_EQ(ReadAll(client_, job).error, "");
}

TEST_F(HostileStatement, EndsAtARowThatIsTooLarge) {
  const std::string large = "(lpad('x', 16777100, 'y'))";
  EXPECT_EQ(Run("select 1 union all select 2 union all select length" + large).error, "");
  EXPECT_EQ(Run("select " + large).error, "");
  EXPECT_EQ(
      Run("select lpad('x', 20000000, 'y')").error,
      "PAGE_TOO_LARGE: a row has 20000004 bytes as JSON, the limit is 16777216; ask for parts "
      "of its values");
  EXPECT_THAT(Run("select lpad('x', 70000000, 'y')").error,
              AnyOf(StartsWith("PAGE_TOO_LARGE"), StartsWith("EXCEEDED_LOCAL_MEMORY_LIMIT")));
  AnswersAgain();
}

TEST_F(HostileStatement, FailsAloneWhenItsWorkerIsKilled) {
  ASSERT_TRUE(client_.StartQuery(warehouse_.Job("select * from range(100000)"), 60 * kSecond));
  ASSERT_TRUE(client_.NextPage());
  const pid_t pid = client_.pid();
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  const auto page = client_.NextPage();
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().name, "GENERIC_INTERNAL_ERROR");
  EXPECT_THAT(page.error().message, StartsWith("worker killed by signal 9 (Killed)"));
  AnswersAgain();
  EXPECT_NE(client_.pid(), pid);
}

TEST_F(HostileStatement, IsCancelledWhileItRuns) {
  Mutex mu;
  CondVar changed;
  bool is_over = false;
  os::Thread stopper("stopper", [&] {  // a cancel before the statement has no effect
    MutexLock lock(mu);
    while (!is_over) {
      client_.Cancel();
      changed.WaitFor(mu, std::chrono::milliseconds(50));
    }
  });
  const Answer answer =
      Run("select count(*) from range(1000000000) a, range(1000000000) b where a.range > b.range");
  {
    MutexLock lock(mu);
    is_over = true;
  }
  changed.NotifyAll();
  stopper.Join();
  EXPECT_EQ(answer.error, "USER_CANCELED: Query was canceled");
  AnswersAgain();
}

TEST_F(HostileStatement, KeepsItsWorkerHoweverSlowlyItsPagesAreRead) {
  jobs::WorkerOptions options = Options();
  options.idle_end_ms = 1;
  jobs::WorkerClient client(*clock_, options);
  ASSERT_TRUE(client.StartQuery(warehouse_.Job("select * from range(20001)"), 60 * kSecond));
  std::int64_t rows = 0;
  while (true) {
    const auto page = client.NextPage();
    ASSERT_TRUE(page) << page.error().message;
    rows += page->rows;
    if (page->is_last) break;
    // The worker is idle for longer than its limit here, and must not end while a statement is
    // open.
    EXPECT_EQ(os::WaitChild(client.pid(), 100'000), std::nullopt);
  }
  EXPECT_EQ(rows, 20'001);
}

}  // namespace
}  // namespace st::worker::query
