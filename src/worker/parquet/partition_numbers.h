// Numbers the partitions that rows belong to, as DuckDB's function st_partition().
//
// The values are computed by base/partition_transform.h, which the lake and Iceberg's other engines
// agree with; SQL computes none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/partition_transform.h"
#include "base/result.h"
#include "sql/chunk.h"
#include "sql/database.h"

namespace st::worker::parquet {

inline constexpr std::string_view kPartitionFunction = "st_partition";

// A value of DuckDB in Iceberg's single-value serialization; nullopt is NULL. Requires: the
// column's type is one of base/column_type.h.
std::optional<std::string> SingleValue(const sql::VectorView& values, std::uint64_t row,
                                       const sql::Type& type);

// The partitions of one job's rows.
//
// Threads: safe from any thread.
class PartitionNumbers {
 public:
  using Values = std::vector<std::optional<std::string>>;

  PartitionNumbers(std::vector<PartitionTransform> transforms, std::size_t limit)
      : transforms_(std::move(transforms)), limit_(limit) {}

  const std::vector<PartitionTransform>& transforms() const { return transforms_; }
  // Numbers from 0, in the order of first use. kInvalidArgument: there are more than the limit.
  Result<std::int32_t> NumberOf(const std::string& key, const Values& values);
  bool is_over() const;
  // By number.
  std::vector<Values> all() const;

 private:
  const std::vector<PartitionTransform> transforms_;
  const std::size_t limit_;
  struct State {
    std::map<std::string, std::int32_t, std::less<>> numbers;
    std::vector<Values> values;
    bool is_over = false;
  };
  Guarded<State> state_;
};

// Registers st_partition(column, …), a column for each of the transforms of `current`, which is
// null unless a job with partitions runs.
Status RegisterPartition(sql::Connection& connection, PartitionNumbers* const& current);

}  // namespace st::worker::parquet
