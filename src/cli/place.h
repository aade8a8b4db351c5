// How the commands find a running server by its data folder, and how they say what went wrong.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"
#include "cli/kafka_client.h"

namespace st::cli {

void Complain(const Error& error);
// Complains and returns the exit code: damage, or failed.
int ExitFor(const Error& error);
// The same where the error may be that no server runs.
int NoServer(const Error& error);

// Address of one part ("http", "kafka", "sql", "catalog") of the server on this data folder.
// kUnavailable: none runs; the message says how to start one.
Result<std::string> Endpoint(const app::Config& config, const std::string& name);
Result<KafkaClient> ConnectKafka(const app::Config& config);

}  // namespace st::cli
