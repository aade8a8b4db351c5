// `steelthread topic delete-records`.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct DeleteRecordsOptions {
  std::string place;   // the topic, or TOPIC:PARTITION
  std::string before;  // an offset, a time or "end"
  bool is_sure = false;
};
// Asks the server to check all partitions before it deletes records of one.
int DeleteRecords(const app::Config& config, const DeleteRecordsOptions& options);

}  // namespace st::cli
