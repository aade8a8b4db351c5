#include "app/config.h"

#include <toml++/toml.h>

#include <filesystem>

#include "base/text.h"

namespace st::app {
namespace {

using Setter = std::function<Status(Config&, const std::string& value)>;

Setter Text(std::string Config::* field) {
  return [field](Config& config, const std::string& value) -> Status {
    config.*field = value;
    return {};
  };
}

template <typename T>
Setter Number(T Config::* field, std::int64_t least, std::int64_t most, std::int64_t unit = 1) {
  return [=](Config& config, const std::string& value) -> Status {
    const auto number = ParseInt64(value);
    if (!number || *number < least || *number > most) {
      return Fail(ErrorCode::kInvalidArgument, "\"{}\" is not a whole number from {} to {}", value,
                  least, most);
    }
    config.*field = static_cast<T>(*number * unit);
    return {};
  };
}

const std::map<std::string, Setter>& Settings() {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;
  static const std::map<std::string, Setter> settings = {
      {"data.dir", Text(&Config::data_dir)},
      {"http.listen", Text(&Config::http_listen)},
      {"http.max_in_flight_bytes", Number(&Config::http_max_in_flight_bytes, 1 << 10, 1 << 30)},
      {"sql.listen", Text(&Config::sql_listen)},
      {"sql.statement_timeout_seconds", Number(&Config::sql_statement_timeout_s, 1, 24 * 3600)},
      {"sql.max_rows", Number(&Config::sql_max_rows, 1, 1'000'000'000)},
      {"catalog.listen", Text(&Config::catalog_listen)},
      {"worker.memory", Number(&Config::worker_memory_bytes, 128, 1 << 20, 1 << 20)},
      {"admin.allowed_hosts", Text(&Config::admin_allowed_hosts)},
      {"kafka.listen", Text(&Config::kafka_listen)},
      {"kafka.advertise", Text(&Config::kafka_advertise)},
      {"kafka.num_partitions", Number(&Config::kafka_num_partitions, 1, 1024)},
      {"log.segment_bytes", Number(&Config::log_segment_bytes, 1 << 20, 1 << 30)},
      {"log.reserve_bytes", Number(&Config::log_reserve_bytes, 0, kMostBytes)},
  };
  return settings;
}

Status Set(Config& config, const std::string& key, const std::string& value,
           const std::string& place) {
  if (key.starts_with("retention.") || key.starts_with("log.retention.")) {
    return Fail(ErrorCode::kInvalidArgument,
                "{}: {} is refused: the log keeps everything, nothing is deleted yet", place, key);
  }
  const auto found = Settings().find(key);
  if (found == Settings().end()) {
    std::vector<std::string> names;
    for (const auto& [name, setter] : Settings()) names.push_back(name);
    const auto nearest = NearestName(key, names);
    return Fail(ErrorCode::kInvalidArgument, "{}: unknown setting \"{}\"{}", place, key,
                nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string());
  }
  if (auto set = found->second(config, value); !set) {
    return std::unexpected(set.error().WithContext(fmt::format("{}: {}", place, key)));
  }
  return {};
}

std::string ValueText(const toml::node& node) {
  if (const auto text = node.value<std::string>()) return *text;
  if (const auto number = node.value<std::int64_t>()) return std::to_string(*number);
  return "(neither text nor a whole number)";
}

Status SetTable(Config& config, const toml::table& table, const std::string& prefix,
                const std::string& path) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const auto at = node.source().begin;
    const std::string place = fmt::format("{}:{}:{}", path, at.line, at.column);
    if (const auto* inner = node.as_table()) {
      ST_TRY_STATUS(SetTable(config, *inner, key + ".", path));
    } else {
      ST_TRY_STATUS(Set(config, key, ValueText(node), place));
    }
  }
  return {};
}

Status SetFile(Config& config, const std::string& path) {
  if (!std::filesystem::exists(path)) return {};
  // toml++ reports by exception unless it is built without; this is its fence.
  try {
    const toml::table table = toml::parse_file(path);
    return SetTable(config, table, "", path);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return Fail(ErrorCode::kInvalidArgument, "{}:{}:{}: {}", path, at.line, at.column,
                error.description());
  }
}

std::string EnvironmentName(const std::string& key) {
  std::string name = "STEELTHREAD_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

}  // namespace

Result<Config> LoadConfig(const ConfigSources& sources) {
  std::error_code error;
  Config config;
  config.project = std::filesystem::weakly_canonical(sources.project, error).string();
  if (error || !std::filesystem::is_directory(config.project)) {
    return Fail(ErrorCode::kNotFound, "project folder {} does not exist", sources.project);
  }
  ST_TRY_STATUS(SetFile(config, config.project + "/steelthread.toml"));
  for (const auto& [key, setter] : Settings()) {
    const std::string name = EnvironmentName(key);
    if (const char* value = sources.environment(name.c_str())) {
      ST_TRY_STATUS(Set(config, key, value, name));
    }
  }
  for (const auto& text : sources.overrides) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
      return Fail(ErrorCode::kInvalidArgument, "--set {}: want key=value", text);
    }
    ST_TRY_STATUS(Set(config, text.substr(0, equals), text.substr(equals + 1), "--set"));
  }
  if (!sources.data_dir.empty()) {
    config.data_dir = std::filesystem::absolute(sources.data_dir).string();
  }
  if (config.data_dir.empty()) config.data_dir = ".steelthread";
  config.data_dir =
      (std::filesystem::path(config.project) / config.data_dir).lexically_normal().string();
  return config;
}

}  // namespace st::app
