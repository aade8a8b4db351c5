#include "cli/status_text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "cli/counted.h"

namespace st::cli {
namespace {

using Row = std::vector<std::string>;

std::string TextAt(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Formats a table whose columns fit their values; columns from `first_number` on are aligned right.
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

// Formats a line for each topic, over all its partitions. Topics of the server itself are shown
// only with `all`.
std::string Topics(const nlohmann::json& topics, bool all) {
  std::vector<Row> rows;
  for (const auto& topic : topics) {
    if (!all && TextAt(topic, "name").starts_with('_')) continue;
    std::int64_t end = 0;
    for (const auto& p : topic["partitions"]) end += p.value("end_offset", std::int64_t{0});
    rows.push_back(
        {TextAt(topic, "name"), std::to_string(topic["partitions"].size()), std::to_string(end)});
  }
  return "topics\n" + Columns({"name", "partitions", "end offset"}, rows, 1);
}

// Formats a line for each consumer group; nothing where there is none.
std::string Groups(const nlohmann::json& groups) {
  std::vector<Row> rows;
  for (const auto& group : groups) {
    rows.push_back({TextAt(group, "name"), TextAt(group, "state"), TextAt(group, "lag"),
                    TextAt(group, "lag_seconds")});
  }
  if (rows.empty()) return "";
  return "consumer groups\n" + Columns({"name", "state", "lag", "seconds"}, rows, 2);
}

// Formats with `all` a line for each hold on the log, and always one for each topic of which a hold
// keeps what its retention would remove; nothing where there is none.
std::string Holds(const nlohmann::json& retention, bool all) {
  const auto none = nlohmann::json::array();
  std::vector<Row> rows;
  for (const auto& hold : retention.value("holds", none)) {
    rows.push_back({TextAt(hold, "name"), TextAt(hold, "partitions"), TextAt(hold, "kept_bytes")});
  }
  std::string lines;
  if (all && !rows.empty()) lines = Columns({"name", "partitions", "kept bytes"}, rows, 1);
  for (const auto& held : retention.value("held_back", none)) {
    lines +=
        fmt::format("  hold \"{}\" keeps {} bytes of topic {} that its retention would remove\n",
                    TextAt(held, "hold"), TextAt(held, "bytes"), TextAt(held, "topic"));
  }
  return lines.empty() ? "" : "holds on the log\n" + lines;
}

// True if the pipeline has rows, dead letters or trouble, which a reader wants to see.
bool HasNews(const nlohmann::json& pipeline) {
  const auto state = TextAt(pipeline, "state");
  return TextAt(pipeline, "lag").empty() || !TextAt(pipeline, "last_error").empty() ||
         state == "retrying" || state == "needs a person" || state == "paused" ||
         pipeline.value("rows", std::int64_t{0}) > 0 ||
         pipeline.value("dead_letters", std::int64_t{0}) > 0;
}

// Of a pipeline of several topics: those that do not exist yet and, with `all`, the lag of the
// others.
std::string TopicsOfPipeline(const nlohmann::json& pipeline, bool all) {
  const auto none = nlohmann::json::array();
  const auto lags = pipeline.value("lags", none);
  const auto missing = pipeline.value("missing_topics", none);
  if (lags.size() + missing.size() < 2) return "";
  std::vector<std::string> parts;
  for (const auto& one : lags) {
    if (all) parts.push_back(fmt::format("lag of {} {}", TextAt(one, "topic"), TextAt(one, "lag")));
  }
  for (const auto& topic : missing) {
    parts.push_back(fmt::format("topic {} does not exist yet", topic.get<std::string>()));
  }
  if (parts.empty()) return "";
  return fmt::format("  {}: {}\n", TextAt(pipeline, "name"), fmt::join(parts, ", "));
}

// Formats a pipeline and its table as one line.
std::string Pipelines(const nlohmann::json& status, bool all) {
  const auto none = nlohmann::json::array();
  const auto pipelines = status.value("pipelines", none);
  const auto tables = status.value("tables", none);
  std::map<std::string, const nlohmann::json*> by_name;
  for (const auto& t : tables) by_name[TextAt(t, "schema") + "." + TextAt(t, "name")] = &t;
  std::vector<Row> rows;
  std::string reasons;
  std::int64_t most_lag = 0;
  for (const auto& p : pipelines) {
    if (!all && !HasNews(p)) {
      most_lag = std::max(most_lag, p.value("lag", std::int64_t{0}));
      continue;
    }
    Row row{TextAt(p, "name"), TextAt(p, "topic"), TextAt(p, "state"),
            TextAt(p, "lag"),  TextAt(p, "rows"),  TextAt(p, "dead_letters")};
    const auto table = by_name.find(TextAt(p, "table"));
    // The position and rows of a table that cannot be read are unknown.
    if (row[3].empty()) row[3] = "?";
    if (table == by_name.end() && !TextAt(p, "last_error").empty()) row[4] = "?";
    for (const auto* key : {"snapshots", "files"}) {
      if (all) row.push_back(table == by_name.end() ? "" : TextAt(*table->second, key));
    }
    rows.push_back(std::move(row));
    reasons += TopicsOfPipeline(p, all);
    if (const auto paused = TextAt(p, "paused"); !paused.empty()) {
      reasons += fmt::format("  {}: paused {}\n", TextAt(p, "name"), paused);
    }
    const auto error = TextAt(p, "last_error");
    if (!error.empty() && !p.value("is_problem", false)) {  // the list of problems has the others
      reasons += fmt::format("  {}: {}\n", TextAt(p, "name"), error);
    }
  }
  Row names{"name", "topic", "state", "lag", "rows", "dead letters"};
  if (all) names.insert(names.end(), {"snapshots", "files"});
  std::string text = "pipelines\n";
  if (!rows.empty() || pipelines.empty()) text += Columns(names, rows, 3);
  text += reasons;
  if (rows.size() < pipelines.size()) {
    text += fmt::format("  {} without rows, lag at most {}: steelthread status --all\n",
                        Counted(std::ssize(pipelines) - std::ssize(rows), "pipeline"), most_lag);
  }
  return text;
}

// Formats the tables that belong to no pipeline: dead letters, and tables whose pipeline was
// removed.
std::string OtherTables(const nlohmann::json& pipelines, const nlohmann::json& tables, bool all) {
  std::set<std::string> of_pipelines;
  for (const auto& p : pipelines) of_pipelines.insert(TextAt(p, "table"));
  std::vector<Row> rows;
  for (const auto& t : tables) {
    const auto name = TextAt(t, "schema") + "." + TextAt(t, "name");
    if (of_pipelines.contains(name)) continue;
    if (!all && t.value("rows", std::int64_t{0}) == 0) continue;
    rows.push_back({name, TextAt(t, "rows"), TextAt(t, "snapshots"), TextAt(t, "files")});
  }
  if (rows.empty()) return "";
  return "other tables\n" + Columns({"name", "rows", "snapshots", "files"}, rows, 1);
}

}  // namespace

std::string RenderStatus(const nlohmann::json& status, bool all) {
  std::string text =
      fmt::format("steelthread {}, process {}, up {} s, data in {}\n", TextAt(status, "version"),
                  TextAt(status, "process"), status.value("uptime_ms", std::int64_t{0}) / 1000,
                  TextAt(status, "data_dir"));
  if (!status.value("accepts_events", true)) {
    text += fmt::format("takes no events: {}\n", TextAt(status, "reason"));
  }
  const auto none = nlohmann::json::array();
  for (const auto& [name, address] : status.value("endpoints", nlohmann::json::object()).items()) {
    text += fmt::format("  {:<8} {}\n", name, address.get<std::string>());
  }
  for (const auto& warning : status.value("warnings", none)) {
    text += fmt::format("warning: {}\n", warning.get<std::string>());
  }
  for (const auto& problem : status.value("problems", none)) {
    text += fmt::format("problem: {}\n", problem.get<std::string>());
  }
  text += Topics(status.value("topics", none), all);
  text += Groups(status.value("groups", none));
  text += Holds(status.value("retention", nlohmann::json::object()), all);
  text += Pipelines(status, all);
  return text + OtherTables(status.value("pipelines", none), status.value("tables", none), all);
}

}  // namespace st::cli
