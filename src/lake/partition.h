// The partitions of a table's data files, as a View shows them.
#pragma once

#include <string>

#include "base/result.h"
#include "lake/data_file.h"
#include "lake/view.h"

namespace st::lake {

// nullptr: the table has no such spec.
const PartitionSpec* FindSpec(const View& view, int id);

// kInvalidArgument: the file has a spec that the table lacks, or values of other fields.
Status CheckPartition(const View& view, const DataFile& file);

// The partition for people: "ts_day=2024-05-01, id_bucket=7"; "" for a file of an unpartitioned
// spec.
std::string DescribePartition(const View& view, const DataFile& file);

// Equal for files of one spec and partition alone.
std::string PartitionKey(const View& view, const DataFile& file);

}  // namespace st::lake
