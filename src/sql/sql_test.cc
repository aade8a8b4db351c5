#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "os/thread.h"
#include "sql/database.h"
#include "sql/table_function.h"

namespace st::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SqlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::Open({.memory_limit_bytes = 256 << 20});
    ASSERT_TRUE(database) << database.error().ToString();
    database_.emplace(std::move(*database));
    auto connection = database_->Connect();
    ASSERT_TRUE(connection);
    connection_.emplace(std::move(*connection));
  }
  Result<Rows> Query(const std::string& sql) {
    ST_TRY(auto statement, connection_->Prepare(sql));
    return statement.Execute();
  }
  Error ErrorOf(const std::string& sql) {
    const auto status = connection_->Run(sql);
    EXPECT_FALSE(status) << sql;
    return status ? Error(ErrorCode::kIo, "") : status.error();
  }
  std::optional<Database> database_;
  std::optional<Connection> connection_;
};

TEST_F(SqlTest, ReadsAStreamChunkByChunk) {
  auto rows = Query("SELECT i, 'row ' || i FROM range(5000) t(i)");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->columns()[0].type.ToString(), "BIGINT");
  std::int64_t next = 0;
  int chunks = 0;
  while (true) {
    const auto chunk = rows->Next();
    ASSERT_TRUE(chunk);
    if (!*chunk) break;
    ++chunks;
    for (std::uint64_t row = 0; row < (*chunk)->rows(); ++row, ++next) {
      ASSERT_EQ((*chunk)->Column(0).At<std::int64_t>(row), next);
      ASSERT_EQ((*chunk)->Column(1).StringAt(row), fmt::format("row {}", next));
    }
  }
  EXPECT_EQ(next, 5000);
  EXPECT_EQ(chunks, 3);
}

TEST_F(SqlTest, ReadsNestedValues) {
  auto rows = Query(
      "SELECT [1, NULL, 3], {'a': 'x', 'b': 2.50::DECIMAL(9,2)}, MAP {'k': 7}, NULL::DATE,"
      " 'b'::ENUM('a', 'b'), [1, 2]::TINYINT[2]");
  ASSERT_TRUE(rows) << rows.error().ToString();
  std::vector<std::string> types;
  for (const auto& column : rows->columns()) types.push_back(column.type.ToString());
  EXPECT_THAT(types, ElementsAre("INTEGER[]", R"(STRUCT("a" VARCHAR, "b" DECIMAL(9,2)))",
                                 "MAP(VARCHAR, INTEGER)", "DATE", "ENUM('a', 'b')", "TINYINT[2]"));
  const auto chunk = rows->Next();
  ASSERT_TRUE(chunk && *chunk);
  const auto list = (*chunk)->Column(0);
  EXPECT_EQ(list.ListAt(0).length, 3U);
  EXPECT_EQ(list.Elements().At<std::int32_t>(2), 3);
  EXPECT_TRUE(list.Elements().IsNull(1));
  EXPECT_EQ((*chunk)->Column(1).Member(0).StringAt(0), "x");
  EXPECT_EQ((*chunk)->Column(1).Member(1).At<std::int32_t>(0), 250);
  EXPECT_EQ((*chunk)->Column(2).Elements().Member(0).StringAt(0), "k");
  EXPECT_TRUE((*chunk)->Column(3).IsNull(0));
  EXPECT_EQ((*chunk)->Column(4).At<std::uint8_t>(0), 1);
  EXPECT_EQ((*chunk)->Column(5).ArrayElements().At<std::int8_t>(1), 2);
}

TEST_F(SqlTest, ErrorsQuoteDuckDbAndHaveAKind) {
  EXPECT_EQ(KindOf(ErrorOf("SELEC 1")), ErrorKind::kParser);
  EXPECT_THAT(ErrorOf("SELECT x").message(), StartsWith("Binder Error: "));
  EXPECT_EQ(KindOf(ErrorOf("FROM nowhere")), ErrorKind::kCatalog);
  EXPECT_EQ(KindOf(ErrorOf("SELECT 'a'::INTEGER")), ErrorKind::kConversion);
  EXPECT_EQ(ErrorOf("SELECT 'a'::INTEGER").code(), ErrorCode::kInvalidArgument);
  const auto memory = ErrorOf("SELECT list(i) FROM range(100000000) t(i)");
  EXPECT_EQ(KindOf(memory), ErrorKind::kOutOfMemory) << memory.message();
  EXPECT_EQ(memory.code(), ErrorCode::kUnavailable);
}

TEST_F(SqlTest, PreparesOneStatementOnly) {
  const auto two = connection_->Prepare("SELECT 1; SELECT 2");
  ASSERT_FALSE(two);
  EXPECT_THAT(two.error().message(), HasSubstr("multiple statements"));
  const auto one = connection_->Prepare("SELECT 1 AS a, 'x' AS b");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->is_select());
  ASSERT_EQ(one->columns().size(), 2U);
  EXPECT_EQ(one->columns()[1].name, "b");
  EXPECT_EQ(one->columns()[1].type.ToString(), "VARCHAR");
  EXPECT_FALSE(connection_->Prepare("CREATE TABLE t(a INTEGER)")->is_select());
}

TEST_F(SqlTest, BindsText) {
  auto statement = connection_->Prepare("SELECT upper($1)");
  ASSERT_TRUE(statement);
  ASSERT_TRUE(statement->BindText(1, "it's"));
  auto rows = statement->Execute();
  ASSERT_TRUE(rows);
  const auto chunk = rows->Next();
  ASSERT_TRUE(chunk && *chunk);
  EXPECT_EQ((*chunk)->Column(0).StringAt(0), "IT'S");
}

TEST_F(SqlTest, InterruptStopsARunningStatement) {
  std::atomic<bool> done{false};
  os::Thread other("interrupter", [&] {
    while (!done) connection_->Interrupt();
  });
  const auto status =
      connection_->Run("SELECT count(*) FROM range(1000000000) a(i), range(1000000000) b(j)");
  done = true;
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kShutdown);
  other.Join();
  EXPECT_TRUE(connection_->Run("SELECT 1"));
}

TEST_F(SqlTest, QuotesTextAndNames) {
  EXPECT_EQ(connection_->Text("SELECT " + QuoteText("it's \"so\"")), "it's \"so\"");
  EXPECT_TRUE(connection_->Run("SELECT 1 AS " + QuoteName("a\"b c")));
}

// Counts up to a limit, and fails at the number `fails_at`.
class Counter : public TableScan {
 public:
  Counter(std::vector<std::size_t> wanted, std::int64_t fails_at)
      : wanted_(std::move(wanted)), fails_at_(fails_at) {}
  Result<std::uint64_t> Fill(ChunkWriter& to) override {
    std::uint64_t row = 0;
    for (; row < to.capacity() && next_ < 3000; ++row, ++next_) {
      if (next_ == fails_at_) return Fail(ErrorCode::kCorruption, "broken at {}", next_);
      for (std::size_t i = 0; i < wanted_.size(); ++i) {
        if (wanted_[i] == 0) to.Set<std::int64_t>(i, row, next_);
        if (wanted_[i] == 1 && next_ % 2 == 0) to.SetBytes(i, row, std::string(20, 'x'));
        if (wanted_[i] == 1 && next_ % 2 == 1) to.SetNull(i, row);
      }
    }
    return row;
  }

 private:
  std::vector<std::size_t> wanted_;
  std::int64_t fails_at_;
  std::int64_t next_ = 0;
};

TEST_F(SqlTest, TableFunctionFillsOnlyWantedColumns) {
  std::vector<std::vector<std::size_t>> asked;
  std::int64_t fails_at = -1;
  ASSERT_TRUE(
      Register(*connection_, {.name = "counter",
                              .columns = {{"n", TypeId::kBigint}, {"text", TypeId::kVarchar}},
                              .begin = [&](std::span<const std::size_t> wanted) {
                                asked.emplace_back(wanted.begin(), wanted.end());
                                return Result<std::unique_ptr<TableScan>>(
                                    std::make_unique<Counter>(asked.back(), fails_at));
                              }}));
  EXPECT_EQ(connection_->Text("SELECT (sum(n))::VARCHAR FROM counter()"), "4498500");
  EXPECT_EQ(connection_->Text("SELECT count(text)::VARCHAR FROM counter()"), "1500");
  EXPECT_EQ(connection_->Text("SELECT count(*)::VARCHAR FROM counter()"), "3000");
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_THAT(asked[0], ElementsAre(0));
  EXPECT_THAT(asked[1], ElementsAre(1));
  fails_at = 2500;
  const auto failed = connection_->Run("SELECT sum(n) FROM counter()");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("broken at 2500"));
}

}  // namespace
}  // namespace st::sql
