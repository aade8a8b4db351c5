// Replays what Spark answered to SELECTs (src/dialect/spark/testdata/selects): each is translated
// and run with the worker's functions, on a DuckDB in this process.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/parser.h"
#include "dialect/spark/translate.h"
#include "sql/database.h"
#include "worker/spark/functions.h"
#include "worker/spark/json_calls.h"

namespace st::worker::spark {
namespace {

namespace front = dialect::spark;
using Json = nlohmann::json;

constexpr std::string_view kFolder = "../../../dialect/spark/testdata/selects/";
constexpr std::size_t kLeastSelects = 100;

constexpr std::array kFiles = {"events.txt", "subqueries.txt"};

std::vector<std::string> LinesOf(const std::string& name) {
  std::ifstream in(std::string(kFolder) + name);
  EXPECT_TRUE(in) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Expected {
  std::string select;
  std::string columns;            // "refused …" where it is not taken
  std::vector<std::string> rows;  // in the order of the alphabet, or one ERROR
};

class SparkSelects : public ::testing::TestWithParam<const char*> {
 protected:
  SparkSelects() {
    EXPECT_TRUE(connection_.Run("SET TimeZone = 'UTC'"));
    EXPECT_TRUE(connection_.Run("SET disabled_optimizers = 'filter_pushdown'"));
    EXPECT_TRUE(RegisterFunctions(connection_));
    Read();
  }

  // Reads the file; its rows become what st_source() gives.
  void Read() {
    for (const auto& line : LinesOf(GetParam())) {
      if (line.starts_with("rows ")) {
        Fill(Json::parse(line.substr(5)));
      } else if (line.starts_with("select ")) {
        expected_.push_back({.select = line.substr(7), .columns = {}, .rows = {}});
      } else if (line.starts_with("columns ")) {
        expected_.back().columns = line.substr(8);
      } else if (line.starts_with("refused ")) {
        expected_.back().columns = line;
      } else if (!line.starts_with("#")) {
        expected_.back().rows.push_back(line);
      }
    }
  }

  void Fill(const Json& rows) {
    std::string values;
    const auto text = [](const Json& cell) {
      return cell.is_null() ? "NULL" : sql::QuoteText(cell.get<std::string>());
    };
    for (const auto& row : rows) {
      values += fmt::format("{}({}, {}, {}, {}, {}, {})", values.empty() ? "" : ", ", text(row[0]),
                            text(row[1]), text(row[2]), row[3].get<int>(), row[4].get<int>(),
                            row[5].get<std::int64_t>());
    }
    const auto made = connection_.Run(fmt::format(
        "CREATE TABLE inputs AS SELECT encode(CAST(k AS VARCHAR)) AS key, encode(CAST(v AS "
        "VARCHAR)) AS value, CAST(v AS VARCHAR) AS value_text, t AS topic, CAST(p AS INTEGER) AS "
        "partition, CAST(o AS BIGINT) AS \"offset\", make_timestamptz(us) AS \"timestamp\", 0 AS "
        "\"timestampType\" FROM (VALUES {}) AS v(k, v, t, p, o, us)",
        values));
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_TRUE(connection_.Run("CREATE MACRO st_source() AS TABLE SELECT * FROM inputs"));
  }

  // The columns and rows as the file has them; "refused …" in place of the columns.
  Expected Ask(const std::string& select) {
    const dialect::SourceText source("x.sql", "CREATE STREAMING TABLE t AS " + select);
    Expected made{.select = select, .columns = {}, .rows = {}};
    const auto statements = front::ParseStatements(source);
    if (!statements) return Refused(std::move(made), statements.error());
    for (const auto& mistake : statements->mistakes) return Refused(std::move(made), mistake);
    const auto translation = front::Translate(source, statements->tables.at(0).query, {}, false);
    if (!translation) return Refused(std::move(made), translation.error());
    for (const auto& column : translation->columns) {
      made.columns += fmt::format("{}{} {}", made.columns.empty() ? "" : "; ", column.name,
                                  front::SimpleName(column.type));
    }
    auto rows = RowsOf(ToSql(translation->plan));
    made.rows = rows ? *std::move(rows) : std::vector{"ERROR " + rows.error().message()};
    std::ranges::sort(made.rows);
    return made;
  }

  static Expected Refused(Expected made, const Error& error) {
    made.columns = "refused " + error.message().substr(0, error.message().find('\n'));
    return made;
  }

  Result<std::vector<std::string>> RowsOf(const std::string& statement) {
    const auto query =
        fmt::format("SELECT spark_to_json(row_of_all, true) FROM ({}) AS row_of_all", statement);
    ST_TRY_STATUS(json_calls_.Register(connection_, query));
    ST_TRY(auto prepared, connection_.Prepare(query));
    ST_TRY(auto result, prepared.Execute());
    std::vector<std::string> rows;
    while (true) {
      ST_TRY(const auto chunk, result.Next());
      if (!chunk) return rows;
      for (std::uint64_t row = 0; row < chunk->rows(); ++row) {
        rows.emplace_back(chunk->Column(0).StringAt(row));
      }
    }
  }

  // The SELECTs of a list, whose other lines are headings and reasons.
  static std::set<std::string> Listed(const std::string& name) {
    std::set<std::string> listed;
    for (const auto& line : LinesOf(name)) {
      if (line.starts_with("    ")) listed.insert(line.substr(4));
    }
    return listed;
  }

  sql::Database database_ = sql::Database::Open({}).value();
  sql::Connection connection_ = database_.Connect().value();
  JsonCalls json_calls_;
  std::vector<Expected> expected_;
};

// The name of Spark's error class in "(NAME)"; "" if a message has none.
std::string ClassIn(const std::string& message) {
  for (auto open = message.find('('); open != std::string::npos;
       open = message.find('(', open + 1)) {
    const auto end = message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", open + 1);
    if (end != std::string::npos && message[end] == ')' &&
        message.substr(open, end - open).contains('_')) {
      return message.substr(open + 1, end - open - 1);
    }
  }
  return "";
}

bool AreSame(const Expected& spark, const Expected& ours) {
  if (spark.columns.starts_with("refused ")) {
    return ours.columns.starts_with("refused ") && spark.columns.contains(ClassIn(ours.columns));
  }
  if (spark.columns != ours.columns) return false;
  const bool fails = !spark.rows.empty() && spark.rows[0].starts_with("ERROR ");
  if (fails) return !ours.rows.empty() && ours.rows[0].starts_with("ERROR ");
  return spark.rows == ours.rows;
}

TEST_P(SparkSelects, AreOurs) {
  EXPECT_GE(expected_.size(), kLeastSelects);
  const auto all_listed = Listed("differences.md");
  std::set<std::string> listed;
  std::set<std::string> found;
  for (auto& spark : expected_) {
    std::ranges::sort(spark.rows);
    const bool is_listed = all_listed.contains(spark.select);
    if (is_listed) listed.insert(spark.select);
    const Expected ours = Ask(spark.select);
    if (AreSame(spark, ours)) continue;
    found.insert(spark.select);
    std::string difference = fmt::format("\n  {}\n  Spark: {}", ours.columns, spark.columns);
    for (const auto& row : ours.rows) difference += "\n  " + row;
    for (const auto& row : spark.rows) difference += "\n  Spark: " + row;
    EXPECT_TRUE(is_listed) << spark.select << difference;
  }
  EXPECT_EQ(found, listed) << "differences.md lists what does not differ";
}

// Also the lists of differences name SELECTs of the files alone.
TEST(SparkSelectFiles, HaveWhatIsListed) {
  std::set<std::string> selects;
  for (const auto* name : kFiles) {
    for (const auto& line : LinesOf(name)) {
      if (line.starts_with("select ")) {
        EXPECT_TRUE(selects.insert(line.substr(7)).second) << line << ": is there twice";
      }
    }
  }
  for (const auto& line : LinesOf("differences.md")) {
    if (!line.starts_with("    ")) continue;
    EXPECT_TRUE(selects.contains(line.substr(4))) << line << ": is in no file";
  }
}

INSTANTIATE_TEST_SUITE_P(All, SparkSelects, ::testing::ValuesIn(kFiles));

}  // namespace
}  // namespace st::worker::spark
