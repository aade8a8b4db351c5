// Vocabulary: a data file of a table, as a commit takes it and as a View shows it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace st::lake {

// Names the commit that added a live file. `sequence_number` is that of the youngest of its rows: a
// rewrite keeps it, where the others are the rewrite's own.
//
// Format: Iceberg spec, Manifests: snapshot_id, sequence_number, file_sequence_number.
struct Origin {
  std::int64_t snapshot_id = 0;
  std::int64_t sequence_number = 0;
  std::int64_t file_sequence_number = 0;
};

// A Parquet file that was written and synced, with the statistics of its manifest entry.
struct DataFile {
  std::string location;  // in the lake's Storage (storage.h); an absolute path in a local folder
  std::int64_t record_count = 0;
  std::int64_t file_size_bytes = 0;
  // CRC-32C of all bytes, computed by the commit. nullopt: an earlier version committed the file.
  std::optional<std::uint32_t> crc32c;
  struct ColumnStats {
    std::int64_t size_bytes = -1;  // -1: unknown
    std::int64_t value_count = -1;
    std::int64_t null_count = -1;
    std::int64_t nan_count = -1;
    std::optional<std::string> lower;  // Iceberg single-value serialization (Appendix D)
    std::optional<std::string> upper;
  };
  std::map<int, ColumnStats> columns;  // by field id
  int spec_id = 0;                     // of View::partition_specs
  // Values of the spec's fields by their ids, in single-value serialization; one that is missing is
  // NULL. Every row of the file has them.
  std::map<int, std::string> partition;
  int sort_order_id = 0;                    // 0: unsorted
  std::vector<std::int64_t> split_offsets;  // where its row groups begin; empty: unknown
  std::optional<Origin> origin;             // set by the commit; nullopt before it
};

}  // namespace st::lake
