// `steelthread topic consume|tail`, over the server's own Kafka port.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace st::cli {

struct ConsumeOptions {
  std::string topic;
  std::int32_t partition = -1;     // -1: all of them, one after the other
  std::string from = "beginning";  // as ParseReadStart (read_start.h)
  std::int64_t max_records = -1;   // -1: all
  bool follow = false;             // go on at the end until interrupted
  bool with_position = false;      // partition, offset, time and key before each value
  std::string format;              // as RecordFormat (record_format.h); "": the value, on a line
};
// Records to stdout, up to the end as it was at the start. Where stderr is a terminal and stdout is
// none, says there how far it is.
int ConsumeTopic(const app::Config& config, const ConsumeOptions& options);

}  // namespace st::cli
