// `steelthread topic delete-records`.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace st::cli {

struct DeleteRecordsOptions {
  std::string place;            // the topic, or TOPIC:PARTITION
  std::int32_t partition = -1;  // -1: the one of `place`, or all
  std::string before;           // an offset, a time or "end"
  bool is_sure = false;
  bool force = false;
};
// Asks the server to check all partitions before it deletes records of one, and prints a line for
// each partition once it is done.
int DeleteRecords(const app::Config& config, const DeleteRecordsOptions& options);

}  // namespace st::cli
