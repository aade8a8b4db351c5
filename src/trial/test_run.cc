#include "trial/test_run.h"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "format/record/record_batch.h"
#include "stream/flow_tables.h"
#include "stream/standing.h"
#include "trial/preview.h"
#include "trial/row_match.h"

namespace st::trial {
namespace {

// 2026-01-01T00:00:00Z, of the first record that names no time; each later one is a second behind.
constexpr std::int64_t kFirstTimeMs = 1'767'225'600'000;
constexpr std::int64_t kTimeStepMs = 1000;

// What of a dead letter is written where a test names no column.
const std::vector<std::string>& UsualBadColumns() {
  static const std::vector<std::string> columns = {"pipeline", "topic", "partition",
                                                   "offset",   "code",  "reason"};
  return columns;
}

Status AppendAndWait(log::LocalLog& log, TopicPartition tp, std::string batch) {
  std::promise<Result<log::AppendResult>> done;
  auto answer = done.get_future();
  log.Append(tp, std::move(batch), log::kFromThisServer,
             [&done](Result<log::AppendResult> result) { done.set_value(std::move(result)); });
  const auto result = answer.get();
  if (!result) return std::unexpected(result.error());
  return {};
}

record::NewRecord RecordOf(const GivenRecord& given, std::size_t number) {
  record::NewRecord record{.value = given.value};
  if (given.key) record.key = *given.key;
  record.timestamp_ms =
      given.timestamp_ms.value_or(kFirstTimeMs + static_cast<std::int64_t>(number) * kTimeStepMs);
  for (const auto& [name, value] : given.headers) record.headers.emplace_back(name, value);
  return record;
}

// Appends the records in their order: neighbours of one partition are one batch.
Status Append(log::LocalLog& log, const std::vector<GivenRecord>& given) {
  std::map<std::string, std::int32_t> partitions;
  for (const auto& record : given) {
    auto& count = partitions[record.topic];
    count = std::max(count, record.partition + 1);
  }
  std::map<std::string, TopicId> ids;
  for (const auto& [topic, count] : partitions) {
    ST_TRY(const auto made, log.CreateTopic(topic, count));
    ids[topic] = made.id;
  }
  for (std::size_t at = 0; at < given.size();) {
    const auto& first = given[at];
    std::vector<record::NewRecord> batch;
    for (; at < given.size() && given[at].topic == first.topic &&
           given[at].partition == first.partition;
         ++at) {
      batch.push_back(RecordOf(given[at], at));
    }
    const TopicPartition tp{.topic = ids[first.topic], .partition = PartitionId(first.partition)};
    ST_TRY_STATUS(AppendAndWait(log, tp, record::BuildBatch(batch)));
  }
  return {};
}

// Errors for which the test is to blame, or its pipeline.
bool IsOfTest(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnsupported:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadline:
      return true;
    case ErrorCode::kConflict:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
    case ErrorCode::kShutdown:
      return false;
  }
  return false;
}

// Topics that the test gives records to and that no pipeline of the project reads: an expectation
// without rows would hold whatever the pipelines do.
std::vector<std::string> UnreadTopicFaults(
    const std::vector<dialect::spark::Definition>& definitions, const TestCase& test) {
  std::vector<std::string> read;
  for (const auto& definition : definitions) {
    read.insert(read.end(), definition.topics.begin(), definition.topics.end());
  }
  std::set<std::string> unread;
  for (const auto& record : test.given) {
    if (std::ranges::find(read, record.topic) == read.end()) unread.insert(record.topic);
  }
  std::vector<std::string> faults;
  for (const auto& topic : unread) {
    const auto near = NearestName(topic, read);
    faults.push_back(fmt::format("{}: given.{}: no pipeline reads topic \"{}\"{}", test.place,
                                 topic, topic,
                                 near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
  return faults;
}

}  // namespace

TestRun::Definitions TestRun::PipelinesOf(const TestCase& test, TestOutcome& outcome) const {
  Definitions chosen;
  const auto add = [&](const dialect::spark::Definition& definition) {
    if (std::ranges::find(chosen, &definition) == chosen.end()) chosen.push_back(&definition);
  };
  const auto add_named = [&](const std::string& name, const std::string& place) {
    const auto found = FindPipeline(definitions_, name);
    if (found) return add(**found);
    outcome.faults.push_back(fmt::format("{}: {}", place, found.error().message()));
  };
  for (const auto& name : test.pipelines) add_named(name, test.place);
  bool has_select = false;
  for (const auto& expectation : test.expectations) {
    has_select = has_select || expectation.kind == Expectation::Kind::kSelect;
    if (expectation.kind == Expectation::Kind::kTable) {
      add_named(expectation.of, expectation.place);
    }
  }
  const bool names_none = chosen.empty() && outcome.faults.empty();
  if (!names_none && (!has_select || !test.pipelines.empty())) return chosen;
  for (const auto& definition : definitions_) {
    const bool reads = std::ranges::any_of(test.given, [&](const auto& record) {
      return std::ranges::find(definition.topics, record.topic) != definition.topics.end();
    });
    if (reads) add(definition);
  }
  return chosen;
}

Result<TestOutcome> TestRun::Run(const TestCase& test) {
  TestOutcome outcome;
  outcome.faults = UnreadTopicFaults(definitions_, test);
  const auto pipelines = PipelinesOf(test, outcome);
  if (!outcome.faults.empty()) return outcome;
  ST_TRY(const auto log, bench_.NewLog());
  ST_TRY(const auto lake, bench_.NewLake());
  if (const auto appended = Append(*log, test.given); !appended) {
    if (!IsOfTest(appended.error())) return std::unexpected(appended.error());
    outcome.faults.push_back(fmt::format("{}: given: {}", test.place, appended.error().message()));
    return outcome;
  }
  for (const auto* definition : pipelines) {
    const auto taken = bench_.Run(*log, *lake, *definition);
    if (taken) continue;
    if (!IsOfTest(taken.error())) return std::unexpected(taken.error());
    outcome.faults.push_back(fmt::format("{}: pipeline \"{}\" stops: {}", test.place,
                                         definition->name, taken.error().message()));
  }
  if (!outcome.faults.empty()) return outcome;
  for (const auto& expectation : test.expectations) {
    ST_TRY_STATUS(Compare(expectation, *lake, outcome));
  }
  ST_TRY_STATUS(CompareNoBadRows(test, *lake, outcome));
  return outcome;
}

Status TestRun::Compare(const Expectation& expectation, const lake::Lake& lake,
                        TestOutcome& outcome) {
  const auto read = [&]() -> Result<Rows> {
    if (expectation.kind == Expectation::Kind::kSelect) {
      return bench_.Select(lake, expectation.of);
    }
    const bool is_bad = expectation.kind == Expectation::Kind::kBadRows;
    auto name = stream::kBadRows;
    if (!is_bad) {
      ST_TRY(const auto* definition, FindPipeline(definitions_, expectation.of));
      name = stream::TableOf(*definition);
    }
    ST_TRY(const auto view, lake.Load(name));
    return bench_.RowsOf(*view);
  };
  const auto rows = read();
  if (rows) {
    Judge(expectation, *rows, outcome);
    return {};
  }
  if (!IsOfTest(rows.error())) return std::unexpected(rows.error());
  outcome.faults.push_back(fmt::format("{}: {}", expectation.place, rows.error().message()));
  return {};
}

void TestRun::Judge(const Expectation& expectation, const Rows& rows, TestOutcome& outcome) {
  const auto match = MatchRows(expectation, rows);
  if (!match) return outcome.faults.push_back(match.error().message());
  if (match->is_whole()) return;
  outcome.faults.push_back(DifferenceText(expectation, rows, *match));
  const auto usual = expectation.kind == Expectation::Kind::kBadRows ? UsualBadColumns()
                                                                     : std::vector<std::string>();
  auto text = RewrittenRows(expectation, rows, *match, usual);
  if (expectation.begin == expectation.end) text = "bad = " + text + "\n";
  outcome.edits.push_back(
      {.begin = expectation.begin, .end = expectation.end, .text = std::move(text)});
}

Status TestRun::CompareNoBadRows(const TestCase& test, const lake::Lake& lake,
                                 TestOutcome& outcome) {
  const bool expects = std::ranges::any_of(
      test.expectations, [](const auto& one) { return one.kind == Expectation::Kind::kBadRows; });
  if (expects) return {};
  const auto view = lake.Load(stream::kBadRows);
  if (!view || (*view)->record_count == 0) return {};
  // Where the key `bad` would stand.
  return Compare({.kind = Expectation::Kind::kBadRows,
                  .of = "bad",
                  .place = test.place,
                  .begin = test.behind_name,
                  .end = test.behind_name},
                 lake, outcome);
}

std::string Edited(std::string text, std::vector<Edit> edits) {
  std::ranges::sort(edits, std::greater(), &Edit::begin);
  for (const auto& edit : edits) {
    text.replace(edit.begin, edit.end - edit.begin, edit.text);
  }
  return text;
}

}  // namespace st::trial
