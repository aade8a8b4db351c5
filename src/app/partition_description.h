// The partitions of a topic as a person sees them: what each has, and which holds keep it.
//
// Threads: pure function of a log that is safe from any thread; reads two batches a partition.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "log/local_log.h"

namespace st::app {

// [{"partition", "start_offset", "end_offset", "records", "bytes", "oldest_time", "newest_time",
// "holds": [{"name", "from", "records"}]}], by number. `records` are those between the offsets,
// and of a hold those that it keeps; `bytes` are those of their batches in the log. `oldest_time`
// is that of the first record, `newest_time` the largest of all, as "2026-11-30T05:40:00.000Z";
// null where there is no record, or its time is none.
nlohmann::json DescribePartitions(log::LocalLog& log, const log::TopicInfo& topic,
                                  const std::vector<log::Hold>& holds);

}  // namespace st::app
