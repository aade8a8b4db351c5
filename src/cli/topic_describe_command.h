// `steelthread topic describe`.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct DescribeTopicOptions {
  std::string name;
  std::string format = "table";  // or "json"
};
// As a table a line a partition, below it one a hold that keeps records of it, then one a setting;
// as JSON the server's answer.
int DescribeTopic(const app::Config& config, const DescribeTopicOptions& options);

}  // namespace st::cli
