// Writes the rows of a SELECT into one Parquet file a partition, sorted.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/table_layout.h"
#include "base/written_file.h"
#include "os/file_system.h"
#include "sql/database.h"
#include "worker/parquet/partition_numbers.h"
#include "worker/parquet/writer.h"

namespace st::worker::parquet {

// " ORDER BY …" of the order's columns; "" for no order.
std::string OrderBySql(const std::vector<SortBy>& sort);

// The rows of `output.select` by the layout, whose columns the SELECT has. File number i has the
// path jobs::OutputPath(output.path, i); the files stand in the order of their partitions' values,
// NULL first. Rows that are equal in the sort order stay in the order of the SELECT. The rows are
// all in memory until the files are written. `numbers` has the layout's transforms and is what
// st_partition() uses meanwhile.
//
// Durable: files and names, when it returns success.
// Errors:  as Write; kAlreadyExists, a file; kInvalidArgument where `numbers` is over its limit.
//          After an error files may exist, at most as many as `numbers` has.
Result<std::vector<WrittenFile>> WritePartitions(sql::Connection& connection, os::FileSystem& fs,
                                                 const Output& output, const TableLayout& layout,
                                                 const PartitionNumbers& numbers);

}  // namespace st::worker::parquet
