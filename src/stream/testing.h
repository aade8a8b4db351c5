// What the mover's tests share: a worker in memory whose records do what they say, and a pipeline
// of it in memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/record_columns.h"
#include "base/text.h"
#include "jobs/output_path.h"
#include "lake/lake.h"
#include "log/testing.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"
#include "stream/flaky_lake.h"
#include "stream/pipeline.h"

namespace st::stream::testing {

// Transforms by the record's value: "poison…" makes the SQL fail, "killer…" kills the worker,
// `bad_prefix`… is a dead letter, "skip…" is filtered away, everything else a row. Files hold a
// line a row: "<partition>/<offset> <value>"; of dead letters "<partition>/<offset> <code>". Where
// a job has several topics their names are in front.
class FakeTransformer final : public Transformer {
 public:
  // `log_fs` has the log's segments, `fs` the warehouse.
  FakeTransformer(os::FileSystem& log_fs, os::FileSystem& fs) : log_fs_(log_fs), fs_(fs) {}

  std::string bad_prefix = "bad";  // another one is another definition
  std::vector<jobs::ColumnInfo> columns = {{.name = "v", .duckdb_type = "VARCHAR"}};
  std::int64_t memory_records = 1'000'000;  // a job of more records kills the worker
  std::size_t max_partitions = 1000;        // of a job
  std::optional<Error> environment;         // every job fails with it
  int kills_from_outside = 0;               // so many jobs lose their worker to somebody's kill
  std::function<void()> before_job;
  int jobs = 0;
  int searches = 0;
  bool is_search_broken = true;  // so that ranges are searched by the mover
  int restarts = 0;
  std::map<std::string, int> kills;        // by value
  std::vector<jobs::LogSegments> sources;  // of every job

  Status Restart() override {
    ++restarts;
    return {};
  }
  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql) override {
    static_cast<void>(sql);
    return columns;
  }
  // A text that holds "poison" has no value.
  Result<std::vector<std::string>> Evaluate(const std::vector<std::string>& expressions) override {
    std::vector<std::string> failures;
    for (const auto& expression : expressions) {
      failures.push_back(expression.contains("poison")
                             ? fmt::format("Invalid Input Error: cannot cast {}", expression)
                             : std::string());
    }
    return failures;
  }
  void Cancel() override { is_cancelled_ = true; }
  bool IsJobBlameless() const override { return is_blameless_; }

  Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job) override {
    ++searches;
    is_blameless_ = false;
    if (is_search_broken) return Fail(ErrorCode::kUnavailable, "worker killed by signal 9");
    jobs::FailingRecords found;
    for (const auto& record : Read(job)) {
      if (!record.value.starts_with("poison")) continue;
      found.records.push_back({.id = record.id,
                               .code = "sql_error",
                               .reason = fmt::format("cannot cast '{}' to INT", record.value)});
    }
    return found;
  }

  Result<jobs::TransformResult> Transform(const jobs::TransformJob& job) override {
    ++jobs;
    if (before_job) before_job();
    is_blameless_ = kills_from_outside > 0;
    if (is_blameless_) {
      --kills_from_outside;
      LeaveHalf(job);
      return Fail(ErrorCode::kUnavailable, "worker killed by signal 9 (Killed) from outside");
    }
    if (is_cancelled_) return Fail(ErrorCode::kShutdown, "cancelled");
    if (environment) return std::unexpected(*environment);
    const auto records = Read(job);
    if (std::ssize(records) > memory_records) {
      return Fail(ErrorCode::kUnavailable, "worker killed by signal 9 (Killed)");
    }
    // By the partition's value, which is the whole value where the job has a partition.
    std::map<std::string, Output> rows;
    Output dead;
    for (const auto& record : records) {
      auto& output = rows[job.layout.partition.empty() ? "" : record.value];
      ST_TRY_STATUS(OneRecord(job, record, output, dead));
    }
    std::erase_if(rows, [](const auto& output) { return output.second.rows == 0; });
    jobs::TransformResult result{.records_read = std::ssize(records)};
    if (rows.size() > max_partitions) {
      result.has_too_many_partitions = true;
      return result;
    }
    for (const auto& [value, output] : rows) {
      ST_TRY(auto file, Write(jobs::OutputPath(job.output_path, result.outputs.size()), output));
      if (!job.layout.partition.empty()) file->partition = {value};
      result.outputs.push_back(*std::move(file));
    }
    ST_TRY(result.bad_output, Write(job.bad_output_path, dead, job.flow));
    return result;
  }

  // Files of dead letters alone, each of one flow.
  Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job) override {
    ++rewrites;
    const auto from = job.keep.find('\'') + 1;
    const auto flow = job.keep.substr(from, job.keep.find('\'', from) - from);
    Output kept;
    for (const auto& input : job.inputs) {
      ST_TRY(const auto text, os::ReadWholeFile(fs_, input, 1 << 20));
      for (const auto line : Split(text, '\n')) {
        if (line.empty() || !Keeps(job.keep, line)) continue;
        kept.text += fmt::format("{}\n", line);
        ++kept.rows;
      }
    }
    return Write(job.output_path, kept, flow);
  }
  int rewrites = 0;

 private:
  struct Record {
    jobs::RecordId id;
    std::string name;  // "<partition>/<offset>"
    std::string value;
  };
  struct Output {
    std::string text;
    std::int64_t rows = 0;
    std::set<std::string> codes;  // of dead letters
    void Add(const Record& record, std::string_view what) {
      text += fmt::format("{} {}\n", record.name, what);
      codes.emplace(what);
      ++rows;
    }
  };

  // The records of the job's one source, as a worker reads them.
  std::vector<Record> Read(const jobs::TransformJob& job) {
    std::vector<Record> records;
    EXPECT_EQ(job.sources.size(), 1U);
    const auto& source = std::get<jobs::LogSegments>(job.sources.at(0));
    sources.push_back(source);
    Lsn last;
    for (const auto& extent : source.extents) {
      const std::string& file = source.files.at(extent.file);
      for (auto& one : log::testing::ReadStored(log_fs_, file, extent.position, extent.length)) {
        EXPECT_GE(one.lsn, last);
        last = one.lsn;
        EXPECT_GE(one.lsn, source.range.lsns->from);
        EXPECT_LT(one.lsn, source.range.lsns->to);
        const OffsetRange range = source.range.offsets.at(one.tp);
        if (one.offset < range.from || one.offset >= range.to) continue;
        const auto topic = std::ranges::find(source.topics, one.tp.topic, &jobs::SourceTopic::id);
        records.push_back(
            {.id = {.tp = one.tp, .offset = one.offset},
             .name = fmt::format("{}{}/{}", source.topics.size() > 1 ? topic->name + "/" : "",
                                 one.tp.partition, one.offset),
             .value = std::move(one.value)});
      }
    }
    return records;
  }

  Status OneRecord(const jobs::TransformJob& job, const Record& record, Output& rows,
                   Output& dead) {
    for (const auto& known : job.dead) {
      if (known.id != record.id) continue;
      dead.Add(record, known.code);
      return {};
    }
    if (record.value.starts_with("poison")) {
      return Fail(ErrorCode::kInvalidArgument, "cannot cast '{}' to INT", record.value);
    }
    if (record.value.starts_with("killer")) {
      ++kills[record.value];
      LeaveHalf(job);
      return Fail(ErrorCode::kUnavailable, "worker killed by signal 11 (Segmentation fault)");
    }
    if (record.value.starts_with(bad_prefix)) {
      dead.Add(record, "not_json");
    } else if (!record.value.starts_with("skip")) {
      rows.Add(record, record.value);
    }
    return {};
  }

  // What a worker that dies while it writes leaves.
  void LeaveHalf(const jobs::TransformJob& job) {
    Ignore(os::WriteNewFile(fs_, job.output_path, "half"), "the disk of the test may be gone");
  }

  // Whether the condition names the partition of the line with an offset above the line's, and its
  // topic where the line has one.
  static bool Keeps(const std::string& keep, std::string_view line) {
    const auto name = line.substr(0, line.find(' '));
    const auto places = Split(name, '/');
    auto mark = fmt::format(R"("partition" = {} AND "offset" < )", places.at(places.size() - 2));
    if (places.size() > 2) mark = fmt::format(R"("topic" = '{}' AND )", places[0]) + mark;
    const auto at = keep.find(mark);
    if (at == keep.npos) return false;
    const auto end = keep.find(')', at);
    const auto limit = ParseInt64(keep.substr(at + mark.size(), end - at - mark.size()));
    const auto offset = ParseInt64(places.back());
    return offset.value() < limit.value();
  }

  // `flow`: of dead letters.
  Result<std::optional<WrittenFile>> Write(const std::string& path, const Output& output,
                                           const std::string& flow = "") {
    if (output.rows == 0) return std::optional<WrittenFile>();
    ST_TRY_STATUS(os::WriteNewFile(fs_, path, output.text));
    ST_TRY_STATUS(fs_.SyncDir(os::DirName(path)));
    WrittenFile file{.location = path,
                     .rows = output.rows,
                     .bytes = static_cast<std::int64_t>(output.text.size()),
                     .columns = {}};
    if (!flow.empty()) {
      constexpr int kFlowId = static_cast<int>(DeadColumn::kFlow) + 1;
      file.columns[kFlowId] = {.value_count = output.rows, .min = flow, .max = flow};
    }
    if (!flow.empty() && !output.codes.empty()) {
      constexpr int kCodeId = static_cast<int>(DeadColumn::kCode) + 1;
      file.columns[kCodeId] = {
          .value_count = output.rows, .min = *output.codes.begin(), .max = *output.codes.rbegin()};
    }
    return std::optional(std::move(file));
  }

  os::FileSystem& log_fs_;
  os::FileSystem& fs_;
  std::atomic<bool> is_cancelled_{false};
  bool is_blameless_ = false;
};

inline constexpr const char* kWarehouse = "/data/warehouse";

// A log, a lake and one pipeline `t` of topic `events`, all in memory.
class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    OpenLog();
    OpenLake();
    definition_ = {.place = "pipelines/t.sql:1:24",
                   .name = "t",
                   .topics = {"events"},
                   .statement = "SELECT v",
                   .sql = "SELECT v FROM st_source()",
                   .columns = {{"v", "string", "VARCHAR"}}};
    Restart();
  }

  void OpenLog() {
    log_.reset();
    log_ = log::LocalLog::Open({log_fs_, clock_, *random_}, {.dir = "/log", .reserve_bytes = 0})
               .value();
  }
  void OpenLake() {
    flaky_.reset();
    lake_.reset();
    lake_ = lake::Lake::Open({*fs_, clock_, *random_}, {.warehouse = kWarehouse}).value();
    flaky_ = std::make_unique<FlakyLake>(*lake_);
  }
  // Starts a pipeline as a new process would: only the log and the tables remain.
  void Restart(PipelineLimits limits = {}) {
    pipeline_.reset();
    worker_ = std::make_unique<FakeTransformer>(log_fs_, *fs_);
    worker_->columns.clear();
    for (const auto& column : definition_.columns) {
      worker_->columns.push_back({.name = column.name, .duckdb_type = column.duckdb_type});
    }
    pipeline_ = std::make_unique<Pipeline>(
        Dependencies{.log = *log_, .lake = *flaky_, .env = {*fs_, clock_, *random_}}, definition_,
        *worker_, limits);
  }
  void Produce(const std::vector<std::string>& values, std::int32_t partition = 0,
               const std::string& topic = "events") {
    if (!log_->FindTopic(topic)) ASSERT_TRUE(log_->CreateTopic(topic, 2));
    const TopicPartition tp{.topic = log_->FindTopic(topic)->id,
                            .partition = PartitionId(partition)};
    ASSERT_TRUE(log::testing::AppendAndWait(*log_, tp, log::testing::Batch(values)));
  }
  Result<StepReport> Step() { return pipeline_->Step(clock_.NowUs()); }
  // Steps up to the log's end, and returns the totals.
  StepReport Drain() {
    StepReport total;
    for (int i = 0; i < 1000; ++i) {
      const auto step = Step();
      EXPECT_TRUE(step) << step.error().message();
      if (!step) return total;
      total.records += step->records;
      total.rows += step->rows;
      total.dead_letters += step->dead_letters;
      if (!step->has_more) return total;
    }
    ADD_FAILURE() << "it never ends";
    return total;
  }
  // Returns the rows in the order of the table's files.
  std::vector<std::string> LinesInOrder(const lake::TableName& table) const {
    std::vector<std::string> lines;
    const auto view = lake_->Load(table);
    if (!view) return lines;
    std::int64_t count = 0;
    for (const auto& file : (*view)->files) {
      count += file.record_count;
      for (const auto line : Split(fs_->Contents(file.location), '\n')) {
        if (!line.empty()) lines.emplace_back(line);
      }
    }
    EXPECT_EQ(count, static_cast<std::int64_t>(lines.size()));
    EXPECT_EQ((*view)->record_count, count);
    return lines;
  }
  std::vector<std::string> Lines(const lake::TableName& table) const {
    auto lines = LinesInOrder(table);
    std::ranges::sort(lines);
    return lines;
  }
  std::vector<std::string> RowsInOrder() const { return LinesInOrder({"default", "t"}); }
  // Sets the offsets of "events" in the table, or in bad.rows, as an earlier version may have left
  // them.
  void SetProgress(const lake::TableName& table, const PartitionOffsets& offsets,
                   std::int64_t dead_letters = 0) {
    const auto view = lake_->Load(table).value();
    Progress progress{.log_id = log_->id(), .flows = {}};
    auto& flow = progress.flows["t"];
    flow.topics[log_->FindTopic("events")->id] = offsets;
    flow.dead_letters = dead_letters;
    ASSERT_TRUE(lake_->Commit({.table = view->name,
                               .expected_version = view->version,
                               .files = {},
                               .properties = {{kOffsetsProperty, EncodeProgress(progress)}},
                               .summary = {}}));
  }
  // The next commit of bad.rows fails when it links its metadata, and so does all after it there,
  // until SetHook({}): its outcome stays unknown.
  void FailBadRowsFromItsLink() {
    // The file system calls copies of the hook.
    const auto is_linked = std::make_shared<bool>(false);
    fs_->SetHook([is_linked](const std::string& step, const std::string& path) -> Status {
      if (!path.contains("/bad/rows/")) return {};
      *is_linked = *is_linked || step == "link";
      return *is_linked ? Fail(ErrorCode::kIo, "{}: Input/output error", step) : Status();
    });
  }
  std::vector<std::string> Rows() const { return Lines({"default", "t"}); }
  std::vector<std::string> Dead() const { return Lines(kBadRows); }
  std::size_t DataFiles() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fs_->Paths(), [](const std::string& path) { return path.ends_with(".parquet"); }));
  }

  os::testing::MemoryFileSystem log_fs_;
  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<FlakyLake> flaky_;
  dialect::spark::Definition definition_;
  std::unique_ptr<FakeTransformer> worker_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace st::stream::testing
