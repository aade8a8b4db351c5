#include "cli/status_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/data_dir.h"
#include "cli/commands.h"
#include "cli/place.h"
#include "net/http_client.h"

namespace st::cli {
namespace {

constexpr std::int64_t kStatusTimeoutUs = 10'000'000;

using Row = std::vector<std::string>;

std::string TextAt(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Columns wide enough for what is in them; numbers to the right.
std::string Columns(const Row& names, const std::vector<Row>& rows, std::size_t first_number) {
  if (rows.empty()) return "  none\n";
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < names.size(); ++c) {
    std::size_t width = names[c].size();
    for (const auto& row : rows) width = std::max(width, row[c].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add = [&](const Row& row) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line += c == 0 ? "  " : "   ";
      line += c < first_number ? fmt::format("{:<{}}", row[c], widths[c])
                               : fmt::format("{:>{}}", row[c], widths[c]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(names);
  for (const auto& row : rows) add(row);
  return text;
}

std::string Topics(const nlohmann::json& topics) {
  std::vector<Row> rows;
  for (const auto& topic : topics) {
    for (const auto& p : topic["partitions"]) {
      rows.push_back({TextAt(topic, "name"), TextAt(p, "partition"), TextAt(p, "end_offset")});
    }
  }
  return "topics\n" + Columns({"name", "partition", "end offset"}, rows, 1);
}

std::string Pipelines(const nlohmann::json& pipelines) {
  std::vector<Row> rows;
  std::string reasons;
  for (const auto& p : pipelines) {
    rows.push_back({TextAt(p, "name"), TextAt(p, "topic"), TextAt(p, "state"), TextAt(p, "lag"),
                    TextAt(p, "rows"), TextAt(p, "dead_letters")});
    const auto error = TextAt(p, "last_error");
    if (!error.empty()) reasons += fmt::format("  {}: {}\n", TextAt(p, "name"), error);
  }
  return "pipelines\n" +
         Columns({"name", "topic", "state", "lag", "rows", "dead letters"}, rows, 3) + reasons;
}

std::string Tables(const nlohmann::json& tables) {
  std::vector<Row> rows;
  for (const auto& t : tables) {
    rows.push_back({TextAt(t, "schema") + "." + TextAt(t, "name"), TextAt(t, "rows"),
                    TextAt(t, "snapshots"), TextAt(t, "files")});
  }
  return "tables\n" + Columns({"name", "rows", "snapshots", "files"}, rows, 1);
}

}  // namespace

Result<nlohmann::json> AskServer(const app::Config& config, const std::string& method,
                                 const std::string& target, std::int64_t timeout_us) {
  ST_TRY_STATUS(Endpoint(config, "http"));
  const auto reply = net::Fetch("unix:" + app::DataDir::ControlPath(config.data_dir),
                                {.method = method, .target = target}, {.timeout_us = timeout_us});
  if (!reply) return std::unexpected(reply.error());
  auto json = nlohmann::json::parse(reply->body, nullptr, false);
  if (json.is_discarded()) return Fail(ErrorCode::kIo, "the server's answer is not JSON");
  if (reply->status == 200) return json;
  return Fail(reply->status == 404 ? ErrorCode::kNotFound : ErrorCode::kIo, "{}",
              TextAt(json, "detail"));
}

std::string RenderStatus(const nlohmann::json& status) {
  std::string text =
      fmt::format("steelthread {}, process {}, up {} s, data in {}\n", TextAt(status, "version"),
                  TextAt(status, "process"), status.value("uptime_ms", std::int64_t{0}) / 1000,
                  TextAt(status, "data_dir"));
  if (!status.value("accepts_events", true)) {
    text += fmt::format("takes no events: {}\n", TextAt(status, "reason"));
  }
  if (const auto error = TextAt(status, "reload_error"); !error.empty()) {
    text += fmt::format("not reloaded, the project goes on as it was:\n{}\n", error);
  }
  const auto none = nlohmann::json::array();
  for (const auto& [name, address] : status.value("endpoints", nlohmann::json::object()).items()) {
    text += fmt::format("  {:<8} {}\n", name, address.get<std::string>());
  }
  for (const auto& notice : status.value("notices", none)) {
    text += fmt::format("notice: {}\n", notice.get<std::string>());
  }
  for (const auto& problem : status.value("problems", none)) {
    text += fmt::format("problem: {}\n", problem.get<std::string>());
  }
  text += Topics(status.value("topics", none));
  text += Pipelines(status.value("pipelines", none));
  return text + Tables(status.value("tables", none));
}

int ShowStatus(const app::Config& config, const StatusOptions& options) {
  const auto status = AskServer(config, "GET", "/status", kStatusTimeoutUs);
  if (!status) return NoServer(status.error());
  const std::string text =
      options.format == "json" ? status->dump(2) + "\n" : RenderStatus(*status);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace st::cli
