// Finds the running server of a data folder. The sentences about a server that does not run,
// belongs to another user or is not ready stand here and nowhere else.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"
#include "client/kafka_client.h"
#include "os/proc.h"

namespace st::cli {

// The process that has the data folder open.
// Errors: kUnavailable, none has; kInvalidArgument, the folder is another user's.
// Each message has the remedy. The folder of a server that was killed has no such process.
Result<os::ProcessInfo> FindServer(const app::Config& config);
// kInvalidArgument: the folder is another user's; names the user who may use it.
Status CheckMayUse(const app::Config& config);

// Address of one part ("http", "kafka", "sql", "catalog") of the server on this data folder.
// Errors: as FindServer; kUnavailable too while it is not ready.
Result<std::string> Endpoint(const app::Config& config, const std::string& name);
Result<client::KafkaClient> ConnectKafka(const app::Config& config, client::KafkaUse use);

}  // namespace st::cli
