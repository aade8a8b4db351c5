// Settings: flags over environment over steelthread.toml over defaults.
//
// Errors: kInvalidArgument names the place, the key, what is allowed and the nearest known key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace st::app {

// One for each core, at most net::kMaxDefaultIoThreads.
std::int32_t DefaultIoThreads();

struct Config {
  std::string project;   // absolute folder
  std::string data_dir;  // absolute
  std::string http_listen = "127.0.0.1:5000";
  std::int32_t http_io_threads = DefaultIoThreads();
  std::uint64_t http_max_in_flight_bytes = 64ULL << 20;  // of events that are not answered yet
  std::string http_allowed_origins;                      // separated by commas; "*" for all
  std::string sql_listen = "127.0.0.1:8080";
  std::int64_t sql_statement_timeout_s = 60;
  std::int64_t sql_max_rows = 10'000'000;  // of one statement's result
  std::string catalog_listen = "127.0.0.1:8181";
  std::int64_t worker_memory_bytes = 1LL << 30;  // of one SQL worker; worker.memory is in MiB
  bool lake_upkeep = true;                       // whether small data files are put together
  std::string admin_allowed_hosts;               // separated by commas
  std::string kafka_listen = "127.0.0.1:9092";
  std::int32_t kafka_io_threads = DefaultIoThreads();
  std::string kafka_advertise;
  std::int32_t kafka_num_partitions = 1;
  bool kafka_auto_create_topics = true;
  // Of consumer groups.
  std::int64_t group_initial_rebalance_delay_ms = 3'000;
  std::int64_t group_min_session_timeout_ms = 1'000;
  std::int64_t group_max_session_timeout_ms = 1'800'000;
  std::int64_t group_max_size = 1'000;
  std::int64_t group_consumer_session_timeout_ms = 45'000;
  std::int64_t group_consumer_heartbeat_interval_ms = 5'000;
  std::int64_t group_offsets_retention_minutes = 10'080;
  std::uint64_t log_segment_bytes = 128ULL << 20;
  std::uint64_t log_reserve_bytes = 64ULL << 20;
  // Where a setting that is not a default comes from: "…/steelthread.toml:2:10",
  // "STEELTHREAD_KAFKA_LISTEN", "--set".
  std::map<std::string, std::string> origins;
  std::map<std::string, std::string> file_values;  // of steelthread.toml, by key
  // "default" where nothing was set.
  std::string Origin(const std::string& key) const;
};

struct ConfigSources {
  std::string project = ".";           // -C
  std::string data_dir;                // --data, over everything else
  std::vector<std::string> overrides;  // --set key=value
  // The environment: value of a variable, or null. STEELTHREAD_KAFKA_LISTEN is kafka.listen.
  std::function<const char*(const char*)> environment;
  // Names of all variables; one with the prefix STEELTHREAD_ that is no setting is an error.
  std::vector<std::string> environment_names;
};

// The keys of all settings, sorted: "http.listen", …
std::vector<std::string> SettingKeys();

// The settings of steelthread.toml that changed since `running` was read from it and that a restart
// would apply, a sentence each; one sentence where the file has a mistake.
std::vector<std::string> ChangedSettings(const Config& running);

// Reads <project>/steelthread.toml where there is one. kNotFound: no such project folder.
Result<Config> LoadConfig(const ConfigSources& sources);

// The project and its data folder, with the defaults of all other settings that are not in
// `overrides`. Passes over mistakes in steelthread.toml and in the environment, so that a command
// still finds the running server, which has settings of its own.
// Errors: kInvalidArgument: a mistake in `overrides`; steelthread.toml may set data.dir, and cannot
//         be read so far. kNotFound: no such project folder.
Result<Config> LoadDataDir(const ConfigSources& sources);

// The same of a project folder that was removed, so that a command finds a server that still runs
// on it: where the folder lay, and its data folder by `sources` or the default.
// Errors: kInvalidArgument: a mistake in `overrides`; kNotFound: the path cannot be known.
Result<Config> LoadRemovedDir(const ConfigSources& sources);

}  // namespace st::app
