// Shared by the tests of the lake: a lake on a disk in memory, and commits whose rows can be
// counted.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/iceberg/table_metadata.h"
#include "lake/lake.h"
#include "lake/local_storage.h"
#include "lake/table_state.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"

namespace st::lake::testing {

inline const TableName kTable{"default", "purchases"};
inline constexpr const char* kWarehouse = "/data/warehouse";
inline constexpr const char* kProgress = "steelthread.offsets";

inline std::vector<Column> TestColumns() {
  return {{1, "raw_event", "string"}, {2, "timestamp", "timestamptz"}, {3, "price", "long"}};
}

inline std::unique_ptr<Lake> OpenLake(os::testing::MemoryFileSystem& fs, os::Clock& clock,
                                      os::Random& random) {
  auto lake = Lake::Open({fs, clock, random}, {.warehouse = kWarehouse});
  EXPECT_TRUE(lake) << lake.error().message();
  return lake ? std::move(*lake) : nullptr;
}

// A data file's bytes say how many rows it has.
inline std::string ContentOf(std::int64_t rows) { return fmt::format("{:0103}", rows); }

// A synced file of `rows` rows in the table's data folder.
inline Result<DataFile> WriteData(Lake& lake, os::FileSystem& fs, const TableName& table,
                                  std::int64_t rows) {
  ST_TRY(const auto location, lake.NewDataFile(table));
  ST_TRY_STATUS(os::WriteNewFile(fs, location, ContentOf(rows)));
  DataFile file{
      .location = location, .record_count = rows, .file_size_bytes = std::ssize(ContentOf(rows))};
  file.columns[3] = {.size_bytes = 9,
                     .value_count = rows,
                     .null_count = 0,
                     .lower = std::string("\1\0\0\0\0\0\0\0", 8),
                     .upper = std::string("\7\0\0\0\0\0\0\0", 8)};
  return file;
}

// Commits `rows` rows with the progress that a pipeline would: the sum of rows so far.
inline Result<std::shared_ptr<const View>> CommitRows(Lake& lake, os::FileSystem& fs,
                                                      std::int64_t rows) {
  ST_TRY(const auto view, lake.Load(kTable));
  ST_TRY(auto file, WriteData(lake, fs, kTable, rows));
  return lake.Commit({.table = kTable,
                      .expected_version = view->version,
                      .files = {std::move(file)},
                      .properties = {{kProgress, std::to_string(view->record_count + rows)}}});
}

// Writes a version in which the table has `count` snapshots like its current one: as many commits
// take long. A lake that has the table open must be opened again.
inline Status WriteManySnapshots(os::FileSystem& fs, const View& view, std::size_t count) {
  ST_TRY(auto metadata, iceberg::ParseTableMetadata(view.metadata_json));
  while (metadata.snapshots.size() < count) {
    auto snapshot = metadata.snapshots.back();
    snapshot.parent = snapshot.id++;
    metadata.last_sequence_number = ++snapshot.sequence_number;
    metadata.current_snapshot_id = snapshot.id;
    metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
    metadata.snapshots.push_back(std::move(snapshot));
  }
  const auto file = fmt::format("{}/metadata/v{}.metadata.json", view.location, view.version + 1);
  return os::WriteNewFile(fs, file, iceberg::EncodeTableMetadata(metadata));
}

// Checks that each snapshot that is kept has its list, its manifests and its data files.
inline void ExpectHistoryIsWhole(os::testing::MemoryFileSystem& disk,
                                 const TableName& name = kTable) {
  const auto storage = MakeLocalStorage(disk, kWarehouse);
  const auto state = ReadTable(*storage, name);
  ASSERT_TRUE(state) << state.error().message();
  ASSERT_TRUE(state->has_value());
  std::map<std::string, std::int64_t> rows_of;  // a manifest is in the lists of many snapshots
  for (const auto& snapshot : (*state)->metadata.snapshots) {
    const auto manifests = ReadManifestList(*storage, (*state)->folder, snapshot.manifest_list);
    ASSERT_TRUE(manifests) << manifests.error().message();
    std::int64_t rows = 0;
    for (const auto& manifest : *manifests) {
      if (const auto known = rows_of.find(manifest.path); known != rows_of.end()) {
        rows += known->second;
        continue;
      }
      const auto live = ReadManifest(*storage, (*state)->folder, manifest);
      ASSERT_TRUE(live) << live.error().message();
      rows += rows_of[manifest.path] = live->files->totals().records;
      for (const auto& file : live->files->files()) {
        EXPECT_TRUE(disk.Exists(file.location).value()) << file.location;
      }
    }
    EXPECT_EQ(std::to_string(rows), snapshot.summary.at("total-records"));
  }
}

}  // namespace st::lake::testing
