// Tests statements and their expected answers, read from testdata/*.sql.
//
// A case is SQL, a line "----", and then either "! NAME: message" or the columns after "> " and the
// rows as JSON. An empty line ends the case. Of a message that ends in "…" only the part before is
// compared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "worker/query/testing.h"

namespace st::worker::query {
namespace {

struct Case {
  std::string sql;
  std::vector<std::string> expected;
  int line = 0;
};

std::vector<Case> CasesOf(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<Case> cases;
  Case now;
  bool is_answer = false;
  int number = 0;
  const auto finish = [&] {
    if (!now.sql.empty()) cases.push_back(std::move(now));
    now = {};
    is_answer = false;
  };
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) {
      finish();
    } else if (line == "----") {
      is_answer = true;
    } else if (is_answer) {
      now.expected.push_back(line);
    } else if (!line.starts_with("# ")) {
      if (now.sql.empty()) now.line = number;
      now.sql += (now.sql.empty() ? "" : "\n") + line;
    }
  }
  finish();
  return cases;
}

std::vector<std::string> LinesOf(const Answer& answer) {
  if (!answer.error.empty()) return {"! " + answer.error};
  return {"> " + answer.columns, "[" + answer.rows + "]"};
}

bool Fits(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  if (expected.size() == 1 && got.size() == 1 && expected[0].ends_with("…")) {
    return got[0].starts_with(expected[0].substr(0, expected[0].size() - 3));
  }
  return expected == got;
}

TEST(QueryData, EachStatementHasItsAnswer) {
  const QueryWarehouse warehouse;
  const auto clock = os::MakeSystemClock();
  jobs::WorkerClient client(*clock, {.kind = jobs::WorkerKind::kQuery,
                                     .program = WorkerProgram(),
                                     .warehouse = warehouse.folder()});
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("testdata")) {
    if (entry.path().extension() == ".sql") files.insert(entry.path());
  }
  ASSERT_FALSE(files.empty());
  int count = 0;
  for (const auto& path : files) {
    for (const Case& statement : CasesOf(path)) {
      ++count;
      const auto got = LinesOf(ReadAll(client, warehouse.Job(statement.sql)));
      if (Fits(statement.expected, got)) continue;
      ADD_FAILURE() << path.string() << ":" << statement.line << ": " << statement.sql << "\n----\n"
                    << ::testing::PrintToString(got);
    }
  }
  EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace st::worker::query
