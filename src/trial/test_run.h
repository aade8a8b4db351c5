// Runs tests of pipelines, each on a log and a lake of its own.
//
// Threads: one thread.
// Errors:  those of Workbench that no test is to blame for.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "trial/test_file.h"
#include "trial/workbench.h"

namespace st::trial {

// A change of the text of a test file.
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

struct TestOutcome {
  // What is wrong, each from its "file:line" on; none: the test passes.
  std::vector<std::string> faults;
  // Changes with which the rows that differ would be those expected; each is a fault, too.
  std::vector<Edit> edits;
};

class TestRun {
 public:
  // Both must outlive it. `definitions`: the pipelines of the project, of events' tables too.
  TestRun(Workbench& bench, const std::vector<dialect::spark::Definition>& definitions)
      : bench_(bench), definitions_(definitions) {}

  Result<TestOutcome> Run(const TestCase& test);

 private:
  using Definitions = std::vector<const dialect::spark::Definition*>;

  // Those that the test runs; adds what it names and is none to the faults.
  Definitions PipelinesOf(const TestCase& test, TestOutcome& outcome) const;
  Status Compare(const Expectation& expectation, const lake::Lake& lake, TestOutcome& outcome);
  // Adds the difference, if there is one.
  static void Judge(const Expectation& expectation, const Rows& rows, TestOutcome& outcome);
  // Dead letters of a test that expects none.
  Status CompareNoBadRows(const TestCase& test, const lake::Lake& lake, TestOutcome& outcome);

  Workbench& bench_;
  const std::vector<dialect::spark::Definition>& definitions_;
};

// The text with all edits; they do not overlap.
std::string Edited(std::string text, std::vector<Edit> edits);

}  // namespace st::trial
