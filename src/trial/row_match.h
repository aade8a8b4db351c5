// Compares the rows that a test expects with those that there are. Pure.
//
// An expected row is there if some row has all values that it names; each row is counted once, and
// their order says nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "trial/test_file.h"
#include "trial/workbench.h"

namespace st::trial {

struct RowMatch {
  // Of each row of `rows`, the expected row that it is; nullopt: none.
  std::vector<std::optional<std::size_t>> expected;
  std::vector<std::size_t> missing;  // expected rows that are not there

  bool is_whole() const;
};

// kInvalidArgument: an expected row names a column that there is not; "file:line: …".
Result<RowMatch> MatchRows(const Expectation& expectation, const Rows& rows);

// What is missing and what is too much, a line each, with the values that differ. `what` names the
// table or the statement.
std::string DifferenceText(const Expectation& expectation, const Rows& rows, const RowMatch& match);

// The expectation as `rows` would have it, with the quotes of TOML: rows that were expected stay as
// they are written, others name the columns that the expectation names. Where it names none:
// `usual`, or all if that is empty.
std::string RewrittenRows(const Expectation& expectation, const Rows& rows, const RowMatch& match,
                          const std::vector<std::string>& usual);

}  // namespace st::trial
