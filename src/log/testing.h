// Verbs for tests of the log: open, append, read back.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "format/record/record_batch.h"
#include "log/local_log.h"
#include "log/reader/extent_reader.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"

namespace st::log::testing {

inline std::string Batch(const std::vector<std::string>& values) {
  std::vector<record::NewRecord> records;
  for (const auto& value : values) {
    records.push_back({.key = std::nullopt, .value = value, .timestamp_ms = 1000, .headers = {}});
  }
  return record::BuildBatch(records);
}

// The batch with an idempotent producer's id, epoch and first sequence, its CRC made right.
std::string Sequenced(std::string batch, std::int64_t producer, std::int16_t epoch,
                      std::int32_t sequence);

inline Result<AppendResult> AppendAndWait(Log& log, TopicPartition tp, std::string batch,
                                          Origin origin = {}) {
  std::promise<Result<AppendResult>> done;
  auto result = done.get_future();
  log.Append(tp, std::move(batch), origin,
             [&done](Result<AppendResult> r) { done.set_value(std::move(r)); });
  return result.get();
}

inline std::vector<std::string> ReadValues(const Log& log, TopicPartition tp) {
  std::vector<std::string> values;
  Offset at(0);
  while (at < log.EndOffset(tp)) {
    const auto read = log.Read(tp, at, 1 << 20);
    EXPECT_TRUE(read) << read.error().message();
    if (!read) break;
    std::string_view rest = read->batches;
    while (!rest.empty()) {
      const auto header = record::ParseHeader(rest).value();
      std::string scratch;
      std::vector<record::Record> records;
      EXPECT_TRUE(record::DecodeRecords(rest, 1 << 20, scratch, records));
      for (const auto& record : records) {
        EXPECT_EQ(record.offset, static_cast<std::int64_t>(values.size()));
        values.emplace_back(record.value.value_or(""));
      }
      rest.remove_prefix(header.total_bytes());
    }
    at = Offset(static_cast<std::int64_t>(values.size()));
  }
  return values;
}

// A record of a batch as it is stored, for tests that read as workers do.
struct StoredRecord {
  TopicPartition tp;
  Lsn lsn;
  Offset offset;
  std::string value;
};
inline std::vector<StoredRecord> ReadStored(os::FileSystem& fs, const std::string& file,
                                            std::uint64_t position, std::uint32_t length) {
  std::vector<StoredRecord> records;
  const auto stored = ExtentReader(fs).ReadBatch(file, position, length);
  EXPECT_TRUE(stored) << stored.error().message();
  if (!stored) return records;
  const TopicPartition tp{.topic = stored->entry.topic,
                          .partition = PartitionId(stored->entry.partition)};
  const auto take = [&](const record::Record& one) -> Status {
    records.push_back({.tp = tp,
                       .lsn = stored->identity.lsn,
                       .offset = Offset(one.offset),
                       .value = std::string(one.value.value_or(""))});
    return {};
  };
  EXPECT_TRUE(record::ForEachRecord(stored->batch, 1 << 20, take));
  return records;
}

}  // namespace st::log::testing
