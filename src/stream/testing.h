// What the mover's tests share: a worker in memory whose records do what they say, and a lake whose
// commits have scripted outcomes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "lake/lake.h"
#include "log/testing.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"
#include "stream/pipeline.h"

namespace st::stream::testing {

// Transforms by the record's value: "poison…" makes the SQL fail, "killer…" kills the worker,
// "bad…" is a dead letter, "skip…" is filtered away, everything else a row. Files hold a line a
// row: "<partition>/<offset> <value>"; of dead letters "<partition>/<offset> <code>".
class FakeTransformer final : public Transformer {
 public:
  FakeTransformer(log::Log& log, os::FileSystem& fs) : log_(log), fs_(fs) {}

  std::vector<jobs::ColumnInfo> columns = {{.name = "v", .duckdb_type = "VARCHAR"}};
  std::int64_t memory_records = 1'000'000;  // a job of more records kills the worker
  std::optional<Error> environment;         // every job fails with it
  int kills_from_outside = 0;               // so many jobs lose their worker to somebody's kill
  std::function<void()> before_job;
  int jobs = 0;
  int searches = 0;
  bool is_search_broken = true;  // so that ranges are searched by the mover
  int restarts = 0;
  std::map<std::string, int> kills;  // by value

  Status Restart() override {
    ++restarts;
    return {};
  }
  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql) override {
    static_cast<void>(sql);
    return columns;
  }
  void Cancel() override { is_cancelled_ = true; }
  bool IsJobBlameless() const override { return is_blameless_; }

  Result<jobs::FailingRecords> FindFailing(const jobs::TransformJob& job) override {
    ++searches;
    is_blameless_ = false;
    if (is_search_broken) return Fail(ErrorCode::kUnavailable, "worker killed by signal 9");
    jobs::FailingRecords found{.records = {}, .to_offset = job.to_offset};
    const auto topic = log_.FindTopic(job.topic);
    const auto values = log::testing::ReadValues(
        log_, {.topic = topic->id, .partition = PartitionId(job.partition)});
    for (std::int64_t offset = job.from_offset; offset < job.to_offset; ++offset) {
      const auto& value = values.at(static_cast<std::size_t>(offset));
      if (!value.starts_with("poison")) continue;
      found.records.push_back({.offset = offset,
                               .code = "sql_error",
                               .reason = fmt::format("cannot cast '{}' to INT", value)});
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
    if (job.to_offset - job.from_offset > memory_records) {
      return Fail(ErrorCode::kUnavailable, "worker killed by signal 9 (Killed)");
    }
    const auto topic = log_.FindTopic(job.topic);
    EXPECT_TRUE(topic);
    const auto values = log::testing::ReadValues(
        log_, {.topic = topic->id, .partition = PartitionId(job.partition)});
    Output rows;
    Output dead;
    for (std::int64_t offset = job.from_offset; offset < job.to_offset; ++offset) {
      ST_TRY_STATUS(
          OneRecord(job, offset, values.at(static_cast<std::size_t>(offset)), rows, dead));
    }
    jobs::TransformResult result{.records_read = job.to_offset - job.from_offset};
    ST_TRY(result.output, Write(job.output_path, rows));
    ST_TRY(result.bad_output, Write(job.bad_output_path, dead));
    return result;
  }

 private:
  struct Output {
    std::string text;
    std::int64_t rows = 0;
    void Add(const jobs::TransformJob& job, std::int64_t offset, std::string_view what) {
      text += fmt::format("{}/{} {}\n", job.partition, offset, what);
      ++rows;
    }
  };

  Status OneRecord(const jobs::TransformJob& job, std::int64_t offset, const std::string& value,
                   Output& rows, Output& dead) {
    for (const auto& failing : job.dead) {
      if (failing.offset != offset) continue;
      dead.Add(job, offset, failing.code);
      return {};
    }
    if (value.starts_with("poison")) {
      return Fail(ErrorCode::kInvalidArgument, "cannot cast '{}' to INT", value);
    }
    if (value.starts_with("killer")) {
      ++kills[value];
      LeaveHalf(job);
      return Fail(ErrorCode::kUnavailable, "worker killed by signal 11 (Segmentation fault)");
    }
    if (value.starts_with("bad")) {
      dead.Add(job, offset, "not_json");
    } else if (!value.starts_with("skip")) {
      rows.Add(job, offset, value);
    }
    return {};
  }

  // What a worker that dies while it writes leaves.
  void LeaveHalf(const jobs::TransformJob& job) {
    Ignore(os::WriteNewFile(fs_, job.output_path, "half"), "the disk of the test may be gone");
  }

  Result<std::optional<jobs::FileStats>> Write(const std::string& path, const Output& output) {
    if (output.rows == 0) return std::optional<jobs::FileStats>();
    ST_TRY_STATUS(os::WriteNewFile(fs_, path, output.text));
    ST_TRY_STATUS(fs_.SyncDir(os::DirName(path)));
    return std::optional(jobs::FileStats{.path = path,
                                         .rows = output.rows,
                                         .bytes = static_cast<std::int64_t>(output.text.size()),
                                         .columns = {}});
  }

  log::Log& log_;
  os::FileSystem& fs_;
  std::atomic<bool> is_cancelled_{false};
  bool is_blameless_ = false;
};

// A lake behind a wire: the next commits do as `outcomes` says, then all is well.
class FlakyLake final : public lake::Lake {
 public:
  enum class Outcome { kGood, kLandsUnknown, kLostUnknown, kConflict, kLandsPoisoned };
  explicit FlakyLake(lake::Lake& inner) : inner_(inner) {}
  std::deque<Outcome> outcomes;

  std::vector<std::string> Schemas() const override { return inner_.Schemas(); }
  std::vector<lake::TableName> Tables() const override { return inner_.Tables(); }
  Result<std::shared_ptr<const lake::View>> Load(const lake::TableName& name) const override {
    if (stale_ && stale_->name == name) return stale_;
    return inner_.Load(name);
  }
  Result<std::shared_ptr<const lake::View>> Create(
      const lake::TableName& name, const std::vector<lake::Column>& columns,
      const std::map<std::string, std::string>& properties) override {
    return inner_.Create(name, columns, properties);
  }
  Result<std::shared_ptr<const lake::View>> Commit(const lake::Append& append) override {
    Outcome outcome = Outcome::kGood;
    if (stale_ && stale_->name == append.table) return Fail(ErrorCode::kIo, "open it again");
    if (!outcomes.empty()) {
      outcome = outcomes.front();
      outcomes.pop_front();
    }
    if (outcome == Outcome::kConflict) return Fail(ErrorCode::kConflict, "somebody was faster");
    if (outcome == Outcome::kLostUnknown) return Fail(ErrorCode::kOutcomeUnknown, "no answer");
    const auto before = inner_.Load(append.table);
    auto done = inner_.Commit(append);
    if (outcome == Outcome::kLandsPoisoned) stale_ = before.value();
    if (outcome == Outcome::kLandsUnknown || outcome == Outcome::kLandsPoisoned)
      return Fail(ErrorCode::kOutcomeUnknown, "no answer");
    return done;
  }
  Result<std::string> NewDataFilePath(const lake::TableName& name) override {
    return inner_.NewDataFilePath(name);
  }

 private:
  lake::Lake& inner_;
  std::shared_ptr<const lake::View> stale_;  // of the table that takes nothing more
};

}  // namespace st::stream::testing
