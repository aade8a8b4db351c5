// Finds a running server by its data folder, and prints the errors of commands. The sentences about
// a server that does not run, belongs to another user or is not ready stand here and nowhere else.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "cli/kafka_client.h"
#include "os/proc.h"

namespace st::cli {

void Complain(const Error& error);
void PrintWarning(const std::string& warning);
// The "warnings" of a server's answer; returns their number.
std::int64_t PrintWarnings(const nlohmann::json& answer);
// Complains and returns the exit code: damage, or failed.
int ExitFor(const Error& error);
// Complains of the command's words; kExitUsage.
int RefuseUsage(const Error& error);
// As ExitFor, where the error may be that no server runs.
int NoServer(const Error& error);

// What starts this program from the current folder: "steelthread" where PATH finds it, else its
// path.
std::string ProgramWord();

// "steelthread up -C PROJECT", with --data where the data folder is not the project's own.
std::string UpCommand(const app::Config& config);

// The process that has the data folder open.
// Errors: kUnavailable, none has; kInvalidArgument, the folder is another user's.
// Each message has the remedy. The folder of a server that was killed has no such process.
Result<os::ProcessInfo> FindServer(const app::Config& config);
// kInvalidArgument: the folder is another user's; names the user who may use it.
Status CheckMayUse(const app::Config& config);

// Address of one part ("http", "kafka", "sql", "catalog") of the server on this data folder.
// Errors: as FindServer; kUnavailable too while it is not ready.
Result<std::string> Endpoint(const app::Config& config, const std::string& name);
Result<KafkaClient> ConnectKafka(const app::Config& config);

}  // namespace st::cli
