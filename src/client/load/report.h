// The final report of a run and its progress line, as text.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/ledger/matcher.h"
#include "client/load/tally.h"

namespace st::client::load {

// "1,577,252".
std::string Grouped(std::uint64_t number);

struct Report {
  std::string target;
  bool is_steelthread = false;
  Tally tally;
  std::int64_t elapsed_us = 0;
  bool is_verified = false;                // --verify was given
  std::optional<ledger::Verdict> verdict;  // none: the log or the tables could not be read
  std::vector<ledger::Finding> missing;    // for a table the first kNamedFindings, for JSON all
  std::vector<ledger::Finding> doubled;
  std::string trouble;  // why the check failed, or timed out
  // Of --kafka: records that the topic gained.
  std::optional<std::int64_t> foreign_log;

  double requests_per_second() const;
  // Of --verify: the four are equal and nothing is missing or doubled. Of --kafka: acknowledged <=
  // log <= sent. Otherwise: whatever was sent was answered, and not all of it was refused.
  bool is_good() const;
  // Requests were answered, each with a refusal: most likely another server, or another project.
  bool is_refused_throughout() const;
};

// One object and a line break.
std::string ReportJson(const Report& report);
std::string ReportTable(const Report& report);

// "  12 s  10,240/s  p50 1.2  p99 4.5  max 8.1 ms  122,880 acknowledged  0 repeated". `last` is
// the tally before, `seconds` the time since then.
std::string ProgressLine(const Tally& now, const Tally& last, double seconds, double elapsed_s);

}  // namespace st::client::load
