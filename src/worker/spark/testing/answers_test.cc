// Replays what Spark answered to expressions (src/dialect/spark/testdata/answers/README.md): each
// is translated and run with the worker's functions, on a DuckDB in this process.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/expr_parser.h"
#include "dialect/spark/expr_translator.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/types.h"
#include "sql/database.h"
#include "worker/spark/functions.h"
#include "worker/spark/json_calls.h"

namespace st::worker::spark {
namespace {

namespace front = dialect::spark;
using Json = nlohmann::json;

constexpr std::string_view kFolder = "../../../dialect/spark/testdata/answers/";
constexpr std::size_t kLeastExpressions = 2500;

struct Expected {
  std::string expr;
  std::string type;                  // "" where Spark refuses the expression
  std::vector<std::string> answers;  // of each row: NULL, ERROR CLASS, or the value
};

// Typed columns with rows, and expressions over them.
struct Block {
  std::vector<std::pair<std::string, std::string>> columns;  // name, type
  std::vector<std::vector<Json>> rows;
  std::vector<Expected> expected;
};

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::pair<std::string, std::string>> ReadColumns(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> columns;
  for (const auto column : Split(text, ';')) {
    const auto parts = Split(Trim(column), ' ');
    columns.emplace_back(parts.at(0), parts.at(1));
  }
  return columns;
}

std::vector<Block> ReadBlocks(const std::string& path) {
  std::vector<Block> blocks;
  for (const auto& line : Lines(path)) {
    if (line.starts_with("columns ")) {
      blocks.emplace_back().columns = ReadColumns(std::string_view(line).substr(8));
    } else if (line.starts_with("rows ")) {
      for (const auto& row : Json::parse(line.substr(5))) {
        blocks.back().rows.push_back(row.is_array() ? row.get<std::vector<Json>>()
                                                    : std::vector<Json>{row});
      }
    } else if (line.starts_with("expr ")) {
      blocks.back().expected.push_back({.expr = line.substr(5), .type = {}, .answers = {}});
    } else if (line.starts_with("type ")) {
      blocks.back().expected.back().type = line.substr(5);
    } else if (!line.starts_with("#") && !line.starts_with("refused ")) {
      blocks.back().expected.back().answers.push_back(line);
    }
  }
  return blocks;
}

// The expressions of a list, whose other lines are headings and reasons.
std::set<std::string> ReadList(const std::string& name) {
  std::set<std::string> listed;
  for (const auto& line : Lines(std::string(kFolder) + name)) {
    if (line.starts_with("    ")) listed.insert(line.substr(4));
  }
  return listed;
}

class NamedColumns final : public front::Scope {
 public:
  Result<dialect::Expression> Column(const front::Expr& column) override {
    const auto found = types.find(column.text);
    if (found == types.end()) {
      return Fail(ErrorCode::kInvalidArgument, "no column {}", column.text);
    }
    return dialect::Expression::Column(column.text, found->second);
  }
  bool IsRelation(std::string_view) const override { return false; }
  Result<dialect::Expression> ValueText(const front::Expr&) override { return front::ValueText(); }
  dialect::Expression Extract(const std::string& path) override {
    return dialect::Expression::Text(path);
  }

  std::map<std::string, dialect::Type> types;
};

Result<dialect::Expression> Translate(const std::string& text, NamedColumns& columns) {
  const dialect::SourceText source("x.sql", text);
  ST_TRY(auto tokens, front::Tokenize(source));
  front::TokenCursor cursor(source, std::move(tokens));
  ST_TRY(const auto expr, front::ParseExpression(cursor));
  if (cursor.Peek().kind != front::TokenKind::kEnd) return cursor.Unexpected("the end");
  std::vector<front::Constant> constants;
  return front::ExprTranslator(source, columns, constants).Translate(expr);
}

// A table holds no date and no time outside the years 0001 to 9999, so it does not matter how one
// is shown, or whether it is an error.
bool IsOutsideTables(const std::string& type, const std::string& spark) {
  return (type == "date" || type == "timestamp" || type == "timestamp_ntz") &&
         (spark.starts_with('+') || spark.starts_with('-') || spark.starts_with("0000-"));
}

// The machine's own functions, whose last digits differ between the processors that Java runs on.
bool IsInexact(const std::string& expr) {
  static constexpr std::array<std::string_view, 21> kNames = {
      "pow(",  "power(", "sin(",   "cos(",   "tan(",   "cot(",   "sec(",
      "csc(",  "asin(",  "acos(",  "atan(",  "atan2(", "sinh(",  "cosh(",
      "tanh(", "asinh(", "acosh(", "atanh(", "hypot(", "expm1(", "log"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return expr.contains(name); });
}

bool AreClose(double a, double b) { return std::fabs(a - b) <= std::fabs(a) * 1e-15; }

bool AreSame(const Expected& expected, const std::string& spark, const std::string& ours) {
  const std::string& type = expected.type;
  if (IsOutsideTables(type, spark)) return true;
  if (spark.starts_with("ERROR") || ours.starts_with("ERROR")) {
    return spark.starts_with("ERROR") && ours.starts_with("ERROR");
  }
  if (spark == ours) return true;
  if (spark == "NULL" || ours == "NULL") return false;
  if (type == "string") return Json::parse(spark) == Json::parse(ours);
  if (type == "float") {
    const float a = std::strtof(spark.c_str(), nullptr);
    const float b = std::strtof(ours.c_str(), nullptr);
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  }
  if (type != "double") return false;
  const double a = std::strtod(spark.c_str(), nullptr);
  const double b = std::strtod(ours.c_str(), nullptr);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (IsInexact(expected.expr)) return a == b || AreClose(a, b);
  return a == b && std::signbit(a) == std::signbit(b);
}

class SparkAnswers : public ::testing::Test {
 protected:
  SparkAnswers() {
    EXPECT_TRUE(connection_.Run("SET TimeZone = 'UTC'"));
    EXPECT_TRUE(RegisterFunctions(connection_));
  }

  static dialect::Type TypeOf(const std::string& name) {
    const dialect::SourceText source("x.sql", "CAST(NULL AS " + name + ")");
    front::TokenCursor cursor(source, front::Tokenize(source).value());
    return front::TypeFromName(front::ParseExpression(cursor).value().type).value();
  }

  // Makes the table `inputs` of a block's rows.
  void Fill(const Block& block) {
    NamedColumns texts;
    std::string names = "id";
    std::string typed = "id";
    types_.types.clear();
    for (std::size_t i = 0; i < block.columns.size(); ++i) {
      const auto& [name, type] = block.columns[i];
      const std::string text = fmt::format("c{}", i);
      texts.types[text] = {.kind = TypeKind::kString};
      types_.types[name] = TypeOf(type);
      const auto value = Translate(type == "STRING"   ? text
                                   : type == "BINARY" ? fmt::format("unhex({})", text)
                                                      : fmt::format("CAST({} AS {})", text, type),
                                   texts);
      names += ", " + text;
      typed += fmt::format(", {} AS {}", ToSql(value.value()), sql::QuoteName(name));
    }
    std::string rows;
    for (std::size_t i = 0; i < block.rows.size(); ++i) {
      rows += fmt::format("{}({}", i == 0 ? "" : ", ", i);
      for (const auto& cell : block.rows[i]) {
        rows += ", CAST(";
        rows += cell.is_null() ? "NULL" : sql::QuoteText(cell.get<std::string>());
        rows += " AS VARCHAR)";
      }
      rows += ")";
    }
    const auto made = connection_.Run(
        fmt::format("CREATE OR REPLACE TABLE inputs AS SELECT {} FROM (VALUES {}) AS v({})", typed,
                    rows, names));
    ASSERT_TRUE(made) << made.error().message();
  }

  static std::string TextOfInterval(const dialect::Type& type) {
    const auto column = dialect::Expression::PlainColumn("c", type);
    return ToSql(front::Cast(column, {.kind = TypeKind::kString}, false).value());
  }

  // The answers of the rows for which `where` holds, by the row's number.
  Result<std::map<std::size_t, std::string>> Run(const dialect::Expression& plan,
                                                 const std::string& where) {
    const TypeKind kind = plan.type.kind;
    const std::string text = plan.type.is_interval()          ? TextOfInterval(plan.type)
                             : plan.type.nested != nullptr    ? "spark_to_json(c, true)"
                             : kind == TypeKind::kBinary      ? "'X''' || hex(c) || ''''"
                             : kind == TypeKind::kTimestampTz ? "timezone('UTC', c)::VARCHAR"
                                                              : "c::VARCHAR";
    const std::string query = fmt::format("SELECT id, {} FROM (SELECT id, {} AS c FROM inputs{})",
                                          text, ToSql(plan), where);
    ST_TRY_STATUS(json_calls_.Register(connection_, query));
    ST_TRY(auto statement, connection_.Prepare(query));
    ST_TRY(auto rows, statement.Execute());
    std::map<std::size_t, std::string> answers;
    while (true) {
      ST_TRY(const auto chunk, rows.Next());
      if (!chunk) return answers;
      for (std::uint64_t row = 0; row < chunk->rows(); ++row) {
        const auto values = chunk->Column(1);
        std::string answer = "NULL";
        if (!values.IsNull(row)) answer = values.StringAt(row);
        if (!values.IsNull(row) && kind == TypeKind::kString) answer = Json(answer).dump();
        answers[static_cast<std::size_t>(chunk->Column(0).At<std::int32_t>(row))] = answer;
      }
    }
  }

  // What is not as in Spark; "" where nothing is.
  std::string Difference(const dialect::Expression& plan, const Expected& expected,
                         std::size_t rows) {
    std::string out;
    if (const auto type = front::SimpleName(plan.type); type != expected.type) {
      out += fmt::format("\n  type {}, Spark {}", type, expected.type);
    }
    std::map<std::size_t, std::string> answers;
    if (auto all = Run(plan, "")) {
      answers = std::move(*all);
    } else {
      for (std::size_t i = 0; i < rows; ++i) {
        const auto one = Run(plan, fmt::format(" WHERE id = {}", i));
        answers[i] = one ? one->at(i) : "ERROR " + one.error().message();
      }
    }
    for (std::size_t i = 0; i < rows; ++i) {
      if (answers[i].starts_with("ERROR") && !plan.can_fail) out += "\n  it is not said to fail";
      if (AreSame(expected, expected.answers.at(i), answers[i])) continue;
      out += fmt::format("\n  row {}: {}, Spark {}", i, answers[i], expected.answers.at(i));
    }
    return out;
  }

  sql::Database database_ = sql::Database::Open({}).value();
  sql::Connection connection_ = database_.Connect().value();
  JsonCalls json_calls_;
  NamedColumns types_;
};

TEST_F(SparkAnswers, AreOurs) {
  const auto refused = ReadList("refused.md");
  const auto differing = ReadList("differences.md");
  std::set<std::string> found_refused;
  std::set<std::string> found_differing;
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (file.path().extension() != ".txt") continue;
    for (const auto& block : ReadBlocks(file.path())) {
      Fill(block);
      for (const auto& expected : block.expected) {
        const std::string& expr = expected.expr;
        const auto plan = Translate(expr, types_);
        ++count;
        if (expected.type.empty()) {
          EXPECT_FALSE(plan) << expr << ": Spark refuses it";
        } else if (!plan) {
          found_refused.insert(expr);
          EXPECT_TRUE(refused.contains(expr)) << expr << ": " << plan.error().message();
        } else if (!plan->type.is_void()) {
          const std::string difference = Difference(*plan, expected, block.rows.size());
          if (difference.empty()) continue;
          found_differing.insert(expr);
          EXPECT_TRUE(differing.contains(expr)) << expr << difference;
        }
      }
    }
  }
  EXPECT_GE(count, kLeastExpressions);
  for (const auto& expr : refused) {
    EXPECT_TRUE(found_refused.contains(expr)) << "refused.md lists what is not refused: " << expr;
  }
  for (const auto& expr : differing) {
    EXPECT_TRUE(found_differing.contains(expr))
        << "differences.md lists what does not differ: " << expr;
  }
}

}  // namespace
}  // namespace st::worker::spark
