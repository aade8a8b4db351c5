#include "app/config.h"

#include <algorithm>
#include <filesystem>
#include <regex>

#include "app/limits.h"
#include "app/ports.h"
#include "base/text.h"
#include "base/toml.h"
#include "net/address.h"
#include "net/limits.h"
#include "os/paths.h"
#include "os/proc.h"
#include "os/text_file.h"
#include "os/thread.h"

namespace st::app {
namespace {

using Setter = std::function<Status(Config&, const std::string& value)>;

enum class Kind { kText, kNumber, kList, kFlag };

struct Setting {
  Kind kind = Kind::kText;
  Setter set;
};

Setting Folder(std::string Config::* field) {
  return {Kind::kText, [field](Config& config, const std::string& value) -> Status {
            if (value.empty()) {
              return Fail(ErrorCode::kInvalidArgument,
                          "it is empty; name a folder, or leave it out for .steelthread");
            }
            config.*field = value;
            return {};
          }};
}

// An address to listen on: a numeric address or localhost.
Setting Listen(std::string Config::* field) {
  return {Kind::kText, [field](Config& config, const std::string& value) -> Status {
            ST_TRY_STATUS(net::ParseAddress(value));
            config.*field = value;
            return {};
          }};
}

// An address that clients are told: any host name with a port, or nothing.
Setting HostPort(std::string Config::* field) {
  return {Kind::kText, [field](Config& config, const std::string& value) -> Status {
            const auto colon = value.rfind(':');
            const auto host = std::string_view(value).substr(0, colon);
            const auto port = colon == std::string::npos
                                  ? std::nullopt
                                  : ParseInt64(std::string_view(value).substr(colon + 1));
            const bool is_bare_ipv6 = host.find(':') != host.npos && !host.starts_with('[');
            const bool is_host =
                !host.empty() && !is_bare_ipv6 && host.find_first_of(" /,\t") == host.npos;
            if (!value.empty() && (!is_host || !port || *port < 1 || *port > 65535)) {
              return Fail(ErrorCode::kInvalidArgument,
                          "\"{}\" is not host:port, such as broker.example:9092", value);
            }
            config.*field = value;
            return {};
          }};
}

template <typename T>
Setting Number(T Config::* field, std::int64_t least, std::int64_t most, std::int64_t unit = 1) {
  const auto* name = unit == 1 << 20 ? " (MiB)" : "";
  return {Kind::kNumber, [=](Config& config, const std::string& value) -> Status {
            const auto number = ParseInt64(value);
            if (!number) {
              return Fail(ErrorCode::kInvalidArgument,
                          "\"{}\" is not a whole number from {} to {}{}", value, least, most, name);
            }
            if (*number < least || *number > most) {
              return Fail(ErrorCode::kInvalidArgument, "{} is {} {}{}", value,
                          *number < least ? "below" : "above", *number < least ? least : most,
                          name);
            }
            config.*field = static_cast<T>(*number * unit);
            return {};
          }};
}

Setting Flag(bool Config::* field) {
  return {Kind::kFlag, [field](Config& config, const std::string& value) -> Status {
            if (value != "true" && value != "false") {
              return Fail(ErrorCode::kInvalidArgument, "\"{}\" is neither true nor false", value);
            }
            config.*field = value == "true";
            return {};
          }};
}

// An origin as browsers send it, or "*".
bool IsOrigin(std::string_view text) {
  const auto host = text.substr(std::min(text.find("://"), text.size()));
  return text == "*" || ((text.starts_with("http://") || text.starts_with("https://")) &&
                         host.size() > 3 && host.find_first_of("/?# *", 3) == host.npos);
}

// The name in a Host header, which is compared without its port.
bool IsHostName(std::string_view text) { return net::HostOf(text) == text && !text.contains('*'); }

// A list of such texts: separated by commas, or in the file also a TOML list.
Setting List(std::string Config::* field, bool (*fits)(std::string_view), std::string_view wanted) {
  return {Kind::kList, [=](Config& config, const std::string& value) -> Status {
            for (const auto part : Split(value, ',')) {
              const auto item = Trim(part);
              if (item.empty() || fits(item)) continue;
              return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no {}", item, wanted);
            }
            config.*field = value;
            return {};
          }};
}

const std::map<std::string, Setting>& Settings() {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;
  static const std::map<std::string, Setting> settings = {
      {"data.dir", Folder(&Config::data_dir)},
      {"http.listen", Listen(&Config::http_listen)},
      {"http.io_threads", Number(&Config::http_io_threads, 1, net::kMaxIoThreads)},
      {"http.max_in_flight_bytes", Number(&Config::http_max_in_flight_bytes, 1 << 10, 1 << 30)},
      {"http.allowed_origins",
       List(
           &Config::http_allowed_origins, IsOrigin,
           "origin, such as https://game.example or http://localhost:3000 (nothing behind it), nor "
           "\"*\"")},
      {"sql.listen", Listen(&Config::sql_listen)},
      {"sql.statement_timeout_seconds", Number(&Config::sql_statement_timeout_s, 1, 24 * 3600)},
      {"sql.max_rows", Number(&Config::sql_max_rows, 1, 1'000'000'000)},
      {"catalog.listen", Listen(&Config::catalog_listen)},
      {"lake.upkeep", Flag(&Config::lake_upkeep)},
      {"worker.memory",
       Number(&Config::worker_memory_bytes, kMinWorkerBytes >> 20, 1 << 20, 1 << 20)},
      {"admin.allowed_hosts", List(&Config::admin_allowed_hosts, IsHostName,
                                   "host name, such as steelthread.example (no port, no *)")},
      {"kafka.listen", Listen(&Config::kafka_listen)},
      {"kafka.io_threads", Number(&Config::kafka_io_threads, 1, net::kMaxIoThreads)},
      {"kafka.advertise", HostPort(&Config::kafka_advertise)},
      {"kafka.auto_create_topics", Flag(&Config::kafka_auto_create_topics)},
      {"kafka.num_partitions", Number(&Config::kafka_num_partitions, 1, 1024)},
      {"group.initial_rebalance_delay_ms",
       Number(&Config::group_initial_rebalance_delay_ms, 0, 300'000)},
      {"group.min_session_timeout_ms",
       Number(&Config::group_min_session_timeout_ms, 1, 86'400'000)},
      {"group.max_session_timeout_ms",
       Number(&Config::group_max_session_timeout_ms, 1, 86'400'000)},
      {"group.max_size", Number(&Config::group_max_size, 1, 10'000)},
      {"group.consumer_session_timeout_ms",
       Number(&Config::group_consumer_session_timeout_ms, 1, 86'400'000)},
      {"group.consumer_heartbeat_interval_ms",
       Number(&Config::group_consumer_heartbeat_interval_ms, 1, 86'400'000)},
      {"group.offsets_retention_minutes",
       Number(&Config::group_offsets_retention_minutes, 1, 5'256'000)},
      {"log.segment_bytes", Number(&Config::log_segment_bytes, 1 << 20, 1 << 30)},
      {"log.reserve_bytes", Number(&Config::log_reserve_bytes, 0, kMostBytes)},
  };
  return settings;
}

std::string EnvironmentName(std::string_view key) {
  std::string name = "STEELTHREAD_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

std::string Meant(std::string_view name, const std::vector<std::string>& known) {
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

bool IsRetention(std::string_view key) {
  return key == "retention" || key.starts_with("retention.") || key.starts_with("log.retention");
}

// The first setting of the section whose name ends `prefix`, as "http.", or "".
std::string FirstOfSection(const std::string& prefix) {
  const auto next = Settings().lower_bound(prefix);
  return next != Settings().end() && next->first.starts_with(prefix) ? next->first : "";
}

bool IsSection(const std::string& prefix) { return !FirstOfSection(prefix).empty(); }

// Returns kInvalidArgument with the reason.
std::unexpected<Error> Unknown(const std::string& key, const std::string& place) {
  if (IsRetention(key)) {
    return Fail(ErrorCode::kInvalidArgument,
                "{}: {} is refused: the log keeps everything, but in topics whose own settings "
                "retention.ms or retention.bytes say otherwise",
                place, key);
  }
  if (IsSection(key + ".")) {
    return Fail(ErrorCode::kInvalidArgument, "{}: {} is a section: name one of its settings, as {}",
                place, key, FirstOfSection(key + "."));
  }
  std::vector<std::string> names = SettingKeys();
  for (const auto& [name, setting] : Settings()) names.push_back(name.substr(0, name.find('.')));
  return Fail(ErrorCode::kInvalidArgument, "{}: unknown setting \"{}\"{}", place, key,
              Meant(key, names));
}

Status Set(Config& config, const std::string& key, const std::string& value,
           const std::string& place) {
  const auto found = Settings().find(key);
  if (found == Settings().end()) return Unknown(key, place);
  if (auto set = found->second.set(config, value); !set) {
    return std::unexpected(set.error().WithContext(fmt::format("{}: {}", place, key)));
  }
  config.origins[key] = place;
  return {};
}

class FileReader {
 public:
  FileReader(Config& config, const std::string& path) : config_(config), path_(path) {}

  Status Read(const toml::table& table, const std::string& prefix = "") {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      const auto* inner = node.as_table();
      if (Settings().contains(key)) {
        ST_TRY(const std::string value, Value(key, node));
        ST_TRY_STATUS(Set(config_, key, value, Place(node)));
        config_.file_values[key] = value;
      } else if (inner != nullptr && IsSection(key + ".")) {
        ST_TRY_STATUS(Read(*inner, key + "."));
      } else if (IsSection(key + ".")) {
        return Fail(ErrorCode::kInvalidArgument, "{}: {} is a section: write [{}]",
                    Place(name.source()), key, key);
      } else {
        return Unknown(key, Place(name.source()));
      }
    }
    return {};
  }

 private:
  std::string Place(const toml::source_region& at) const {
    return fmt::format("{}:{}:{}", path_, at.begin.line, at.begin.column);
  }
  std::string Place(const toml::node& node) const { return Place(node.source()); }

  // Returns the value in the form that flags and the environment use.
  Result<std::string> Value(const std::string& key, const toml::node& node) const {
    const auto wrong = [&](const toml::node& at, std::string_view why) {
      return Fail(ErrorCode::kInvalidArgument, "{}: {}: {}", Place(at), key, why);
    };
    const Kind kind = Settings().at(key).kind;
    if (kind == Kind::kNumber) {
      if (const auto* number = node.as_integer()) return std::to_string(number->get());
      return wrong(node, "want a whole number, without quotes");
    }
    if (kind == Kind::kFlag) {
      if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
      return wrong(node, "want true or false, without quotes");
    }
    if (const auto* text = node.as_string()) return text->get();
    const auto* list = node.as_array();
    if (kind != Kind::kList || list == nullptr) {
      return wrong(node,
                   kind == Kind::kList ? "want a list of texts in quotes" : "want text in quotes");
    }
    std::string out;
    for (const auto& item : *list) {
      const auto* text = item.as_string();
      if (text == nullptr || text->get().empty() || text->get().find(',') != std::string::npos) {
        return wrong(item, "want a text in quotes, without a comma in it");
      }
      out += (out.empty() ? "" : ",") + text->get();
    }
    return out;
  }

  Config& config_;
  const std::string& path_;
};

std::string SettingsPath(const Config& config) { return config.project + "/steelthread.toml"; }

Status SetFile(Config& config, const std::string& path) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY(const bool exists, fs->Exists(path));
  if (!exists) return {};
  ST_TRY(const auto text, os::ReadTextFile(*fs, path));
  ST_TRY(const auto table, ParseToml(text, path));
  return FileReader(config, path).Read(table);
}

// Kubernetes and Docker's links tell every container of the services beside it: a service that is
// called "steelthread" or "steelthread-…" sets STEELTHREAD_SERVICE_HOST, STEELTHREAD_PORT=tcp://…
// and so on. Such variables are not our settings
// (kubernetes.io/docs/concepts/services-networking/service, "Environment variables").
bool IsServiceVariable(const std::string& name, const std::string& value) {
  static const std::regex service(
      "STEELTHREAD(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|"
      "PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|ENV_.+)");
  constexpr std::size_t kLongestName = 256;  // std::regex recurses over the text
  if (name.size() > kLongestName) return false;
  if (std::regex_match(name, service)) return true;
  const bool is_address =
      value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
  return (name.ends_with("_PORT") && is_address) ||
         (name.ends_with("_NAME") && value.starts_with('/'));
}

Status SetEnvironment(Config& config, const ConfigSources& sources) {
  std::vector<std::string> known;
  for (const auto& [key, setting] : Settings()) {
    known.push_back(EnvironmentName(key));
    if (const char* value = sources.environment(known.back().c_str())) {
      ST_TRY_STATUS(Set(config, key, value, known.back()));
    }
  }
  for (const auto& name : sources.environment_names) {
    if (!name.starts_with("STEELTHREAD_") || std::ranges::find(known, name) != known.end())
      continue;
    if (const char* value = sources.environment(name.c_str());
        IsServiceVariable(name, value != nullptr ? value : "")) {
      continue;
    }
    if (name.starts_with("STEELTHREAD_RETENTION_")) {
      return Unknown("retention." + AsciiLower(name.substr(22)), name);
    }
    return Fail(ErrorCode::kInvalidArgument, "environment variable {} is no setting{}", name,
                Meant(name, known));
  }
  return {};
}

Status SetOverrides(Config& config, const std::vector<std::string>& overrides) {
  for (const auto& text : overrides) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fail(ErrorCode::kInvalidArgument, "--set {}: want key=value", text);
    }
    ST_TRY_STATUS(Set(config, text.substr(0, equals), text.substr(equals + 1), "--set"));
  }
  return {};
}

}  // namespace

std::int32_t DefaultIoThreads() { return std::min(os::CoreCount(), net::kMaxDefaultIoThreads); }

std::vector<std::string> SettingKeys() {
  std::vector<std::string> keys;
  for (const auto& [key, setting] : Settings()) keys.push_back(key);
  return keys;
}

std::vector<std::string> ChangedSettings(const Config& running) {
  const std::string path = SettingsPath(running);
  Config now;
  if (const auto read = SetFile(now, path); !read) {
    return {read.error().message() +
            "; the running server keeps the old settings, and the next "
            "start will refuse these"};
  }
  const auto shown = [](const std::map<std::string, std::string>& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string("not set") : '"' + found->second + '"';
  };
  std::vector<std::string> changed;
  for (const auto& key : SettingKeys()) {
    const auto was = shown(running.file_values, key);
    const auto is = shown(now.file_values, key);
    const auto origin = running.origins.find(key);
    const bool is_overridden =
        origin != running.origins.end() && !origin->second.starts_with(path + ":");
    if (was == is || is_overridden) continue;
    changed.push_back(
        fmt::format("{}: {} is {} and was {} when the server started; restart it to "
                    "use that",
                    now.file_values.contains(key) ? now.Origin(key) : path, key, is, was));
  }
  return changed;
}

std::string Config::Origin(const std::string& key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? "default" : found->second;
}

namespace {

// Two settings that contradict each other although each is within its own range.
Status CheckPairs(const Config& config) {
  const auto least = config.group_min_session_timeout_ms;
  const auto most = config.group_max_session_timeout_ms;
  if (least <= most) return {};
  constexpr const char* kLeast = "group.min_session_timeout_ms";
  constexpr const char* kMost = "group.max_session_timeout_ms";
  return Fail(ErrorCode::kInvalidArgument,
              "{} is {} (from: {}), above {}, which is {} (from: {}): no consumer could join a "
              "group; set one of them so that the first is not above the second",
              kLeast, least, config.Origin(kLeast), kMost, most, config.Origin(kMost));
}

Result<Config> FindProject(const ConfigSources& sources) {
  Config config;
  auto project = os::CanonicalPath(sources.project);
  if (!project) return Fail(ErrorCode::kNotFound, "project folder {}", project.error().message());
  config.project = std::move(*project);
  const auto kind = os::KindOfPath(config.project);
  if (kind != os::PathKind::kFolder && kind != os::PathKind::kMissing) {
    return Fail(ErrorCode::kNotFound, "project folder {} is a file; name the folder that holds it",
                sources.project);
  }
  if (kind == os::PathKind::kMissing) {
    return Fail(ErrorCode::kNotFound, "project folder {} does not exist", sources.project);
  }
  return config;
}

void PlaceDataDir(Config& config, const ConfigSources& sources) {
  if (!sources.data_dir.empty()) {
    config.data_dir = os::AbsolutePath(sources.data_dir);
    config.origins["data.dir"] = "--data";
  }
  if (config.data_dir.empty()) config.data_dir = ".steelthread";
  config.data_dir =
      (std::filesystem::path(config.project) / config.data_dir).lexically_normal().string();
}

void SetDataDirOfEnvironment(Config& config, const ConfigSources& sources) {
  const char* value = sources.environment(EnvironmentName("data.dir").c_str());
  if (value != nullptr) config.data_dir = value;
}

// The value of data.dir alone; "" where the file does not set it.
Result<std::string> DataDirOfFile(const std::string& path) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY(const bool exists, fs->Exists(path));
  if (!exists) return "";
  ST_TRY(const auto text, os::ReadTextFile(*fs, path));
  const auto table = ParseToml(text, path);
  if (table) {
    const auto node = table->at_path("data.dir");
    const auto* value = node.as_string();
    if (!node) return "";
    if (value != nullptr && !value->get().empty()) return value->get();
  } else if (!text.contains("dir")) {
    return "";  // whatever the text means, it does not set the key
  }
  return Fail(ErrorCode::kInvalidArgument, "{}: data.dir cannot be read", path);
}

}  // namespace

Result<Config> LoadConfig(const ConfigSources& sources) {
  ST_TRY(auto config, FindProject(sources));
  ST_TRY_STATUS(SetFile(config, SettingsPath(config)));
  ST_TRY_STATUS(SetEnvironment(config, sources));
  ST_TRY_STATUS(SetOverrides(config, sources.overrides));
  ST_TRY_STATUS(CheckPairs(config));
  ST_TRY_STATUS(CheckListeners(config));
  PlaceDataDir(config, sources);
  return config;
}

Result<Config> LoadDataDir(const ConfigSources& sources) {
  ST_TRY(auto config, FindProject(sources));
  SetDataDirOfEnvironment(config, sources);
  ST_TRY_STATUS(SetOverrides(config, sources.overrides));
  if (config.data_dir.empty() && sources.data_dir.empty()) {
    ST_TRY(config.data_dir, DataDirOfFile(SettingsPath(config)));
  }
  PlaceDataDir(config, sources);
  return config;
}

Result<Config> LoadRemovedDir(const ConfigSources& sources) {
  const auto here = os::LastWorkingDir();
  if (!here) return Fail(ErrorCode::kNotFound, "the working folder was removed");
  Config config;
  ST_TRY(config.project,
         os::CanonicalPath((std::filesystem::path(*here) / sources.project).lexically_normal()));
  if (config.project.size() > 1 && config.project.ends_with('/')) config.project.pop_back();
  SetDataDirOfEnvironment(config, sources);
  ST_TRY_STATUS(SetOverrides(config, sources.overrides));
  PlaceDataDir(config, sources);
  return config;
}

}  // namespace st::app
