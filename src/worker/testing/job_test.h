// The real worker program, and verbs for its jobs: log these values, transform them, read the
// file.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "format/record/record_batch.h"
#include "jobs/worker_client.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::worker {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kLong = 60 * kSecond;

// The program is in a folder above that of the test's executable.
std::string WorkerProgram();

// The batch with its records compressed, its lengths and CRC made right.
std::string Compressed(record::Compression codec, const std::string& batch);
// The batch with other bytes for its records, its lengths and CRC made right.
std::string WithBody(std::string batch, std::string_view body);

// A folder with a log of one partition and a warehouse, and a worker.
class JobTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;  // keeps the folder on failure

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  std::string WarehousePath(const std::string& name) const { return dir_ + "/warehouse/" + name; }
  bool Exists(const std::string& path) const;
  jobs::WorkerOptions Options() const;

  // Appends a batch to the log's file: its records get the next offsets of the partition.
  void LogBatch(std::string batch, std::int32_t partition = 0);
  // One batch of these values; offset n has the time (1,000,000 + n) ms and no key.
  void LogValues(const std::vector<std::string>& values, std::int32_t partition = 0);
  // Over all that was logged.
  jobs::TransformJob Job(const std::string& sql) const;
  // The one source of such a job.
  static jobs::LogSegments& SourceOf(jobs::TransformJob& job) {
    return std::get<jobs::LogSegments>(job.sources.at(0));
  }
  static jobs::RecordId IdOf(std::int64_t offset, std::int32_t partition = 0) {
    return {.tp = {.topic = kTopic, .partition = PartitionId(partition)}, .offset = Offset(offset)};
  }
  // Rows of the SQL as text, columns separated by '|'; "NULL" for a null.
  static std::vector<std::string> Rows(const std::string& sql);
  // SELECT * of a Parquet file, in its order.
  static std::vector<std::string> FileRows(const std::string& path);

  std::string dir_;
  static constexpr TopicId kTopic{std::array<std::uint8_t, 16>{7}};
  jobs::LogSegments source_;
  std::uint64_t next_lsn_ = 1;
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
};

}  // namespace st::worker
