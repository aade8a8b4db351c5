#include "cli/events_command.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "app/check.h"
#include "app/project.h"
#include "base/text.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "client/load/sample.h"
#include "event/compose.h"
#include "event/openapi.h"
#include "event/value.h"
#include "game/declared.h"

namespace st::cli {
namespace {

using Json = nlohmann::ordered_json;

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string RouteOf(const event::Declaration& event) {
  if (!event.has_route()) {
    return event.topic == game::kTopic ? "none: written by the game"
                                       : "none: written by Kafka clients";
  }
  return fmt::format("{} {}", fmt::join(event.methods, ", "), event.path);
}

// Escapes text as a cell of a Markdown table.
std::string Cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, "\\|");
  }
  return text;
}

std::string FieldRow(const event::Field& field) {
  const bool is_constant = field.from == event::FieldSource::kConstant;
  std::string from = event::NameOf(field.from);
  if (!is_constant && field.source_name != field.name) from += " " + field.source_name;
  std::string value = is_constant ? "always " + *field.value : event::Allowed(field);
  if (!is_constant && field.value) value += ", default " + *field.value;
  return fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", Cell(field.name),
                     event::NameOf(field.type), from, field.is_required ? "yes" : "", Cell(value),
                     field.personal, Cell(field.description));
}

// Shows a request for the route, and the record that results from it.
std::string SampleOf(const event::Declaration& event) {
  if (!event.has_route()) return "";
  const auto random = os::MakeSeededRandom(1);
  auto request = client::load::Sample(event, *random);
  const auto question = request.target.find('?');
  event::Headers headers = request.headers;
  headers.emplace_back("Host", "user1.comcast.com");
  const std::string path = request.target.substr(0, question);
  const auto made = event::Composer(event).Compose(
      {.path = path,
       .query = question == std::string::npos
                    ? std::string_view()
                    : std::string_view(request.target).substr(question + 1),
       .headers = headers,
       .body = request.body,
       .peer = "127.0.0.1:50000",
       .time_ms = 1'795'773'600'000,
       .unique_id = "00000000-0000-4000-8000-000000000000"});
  std::string out = "\nFor example\n\n    " + request.method + " " + request.target + "\n";
  for (const auto& [name, value] : headers) out += fmt::format("    {}: {}\n", name, value);
  if (!request.body.empty()) out += "\n    " + request.body + "\n";
  if (made) out += "\nis logged as\n\n    " + made->value + "\n";
  return out;
}

std::string PageOf(const event::Declaration& event) {
  std::string out = fmt::format("## {}\n\n", event.name);
  if (!event.description.empty()) out += event.description + "\n\n";
  if (!event.reason.empty()) out += "Why: " + event.reason + "\n\n";
  out += fmt::format("- version: {}\n- route: {}\n- topic: {}\n", event.version, RouteOf(event),
                     event.topic);
  if (!event.key.empty()) out += fmt::format("- key: {}\n", event.key);
  out += fmt::format("- table: {}\n", event.table.empty() ? "none" : "default." + event.table);
  if (event.with_headers) out += "- the request's headers are logged too\n";
  if (event.is_text) out += fmt::format("- payload: the text `{}`\n", event.text);
  if (!event.fields.empty()) {
    out += "\n| field | type | from | required | value | personal data | description |\n";
    out += "|---|---|---|---|---|---|---|\n";
    for (const auto& field : event.fields) out += FieldRow(field);
  }
  return out + SampleOf(event) + "\n";
}

// The project's events, or only the one that the options name.
Result<std::vector<event::Declaration>> Events(const app::Config& config,
                                               const EventsOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY(auto project, app::LoadProject(*fs, config.project));
  if (options.name.empty()) return std::move(project.events);
  std::vector<std::string> names;
  for (auto& event : project.events) {
    if (event.name == options.name) return std::vector{std::move(event)};
    names.push_back(event.name);
  }
  const auto near = NearestName(options.name, names);
  return Fail(
      ErrorCode::kNotFound, "no event \"{}\"{}", options.name,
      near ? fmt::format("; did you mean \"{}\"?", *near) : "; `steelthread events ls` lists them");
}

// Whether the exit code is 0.
bool IsOk(const app::CheckReport& report, const EventsOptions& options) {
  return !report.error && (report.warnings.empty() || !options.is_strict);
}

Json ReportJson(const app::CheckReport& report, const EventsOptions& options) {
  if (report.error) {
    Json errors = Json::array();
    for (const auto line : Split(report.error->message(), '\n')) {
      errors.push_back(std::string(line));
    }
    return {{"ok", false}, {"errors", std::move(errors)}, {"warnings", report.warnings}};
  }
  Json events = Json::array();
  for (const auto& event : report.events) {
    events.push_back({{"name", event.name},
                      {"version", event.version},
                      {"table", event.table},
                      {"change", event.change},
                      {"added", event.added}});
  }
  Json tables = Json::array();
  for (const auto& table : report.tables) {
    tables.push_back({{"table", table.table}, {"changes", table.changes}});
  }
  return {{"ok", IsOk(report, options)}, {"events", std::move(events)},
          {"tables", std::move(tables)}, {"pipelines", report.pipelines},
          {"game", report.has_game},     {"warnings", report.warnings}};
}

std::string CountOf(const auto& list, std::string_view noun) {
  return Counted(static_cast<std::int64_t>(list.size()), noun);
}

void PrintReport(const app::CheckReport& report, const EventsOptions& options) {
  for (const auto& warning : report.warnings) {
    PrintWarning(warning);
  }
  if (report.error) return;
  std::vector<std::string> fresh;
  for (const auto& event : report.events) {
    if (event.change == "new") fresh.push_back(event.name);
    if (event.change == "same" || event.change == "new") continue;
    Print(fmt::format(
        "{}: {}{}\n", event.name, event.change,
        event.added.empty() ? "" : fmt::format(", adds {}", fmt::join(event.added, ", "))));
  }
  for (const auto& table : report.tables) {
    Print(fmt::format("table {}: with the next start or reload: {}\n", table.table,
                      fmt::join(table.changes, ", ")));
  }
  constexpr std::size_t kMostNames = 4;
  if (!fresh.empty()) {
    Print(fmt::format("{} {} new: the next start or reload records {}{}{}\n",
                      CountOf(fresh, "event"), fresh.size() == 1 ? "is" : "are",
                      fresh.size() == 1 ? "it" : "them", fresh.size() <= kMostNames ? ": " : "",
                      fresh.size() <= kMostNames ? fmt::format("{}", fmt::join(fresh, ", ")) : ""));
  }
  Print(fmt::format("{}: {}, {}{}{}\n", IsOk(report, options) ? "ok" : "refused by --strict",
                    CountOf(report.events, "event"), CountOf(report.pipelines, "pipeline"),
                    report.has_game ? ", a game" : "",
                    report.warnings.empty() ? "" : ", " + CountOf(report.warnings, "warning")));
}

}  // namespace

int CheckProjectFolder(const app::Config& config, const EventsOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  const auto report = app::CheckProject(*fs, config);
  const bool is_json = options.format == "json";
  if (is_json) {
    Print(Dump(ReportJson(report, options)));
  } else {
    PrintReport(report, options);
  }
  if (report.error) return is_json ? kExitFailed : ExitFor(*report.error);
  return IsOk(report, options) ? 0 : kExitFailed;
}

int ListEvents(const app::Config& config, const EventsOptions& options) {
  const auto events = Events(config, options);
  if (!events) return ExitFor(events.error());
  if (events->empty()) {
    PrintWarning(config.project + ": declares no event: there is no events/*.toml");
  }
  std::size_t width = 0;
  for (const auto& event : *events) width = std::max(width, event.name.size());
  for (const auto& event : *events) {
    Print(fmt::format("{:<{}}  {}\n", event.name, width, RouteOf(event)));
  }
  return 0;
}

int DocumentEvents(const app::Config& config, const EventsOptions& options) {
  const auto events = Events(config, options);
  if (!events) return ExitFor(events.error());
  if (options.name.empty()) Print("# Events\n\n");
  for (const auto& event : *events) Print(PageOf(event));
  return 0;
}

int PrintSchema(const app::Config& config, const EventsOptions& options) {
  const auto events = Events(config, options);
  if (!events) return ExitFor(events.error());
  for (const auto& event : *events) {
    const std::string schema = event::JsonSchema(event);
    if (!schema.empty()) Print(Dump(Json::parse(schema)));
  }
  return 0;
}

}  // namespace st::cli
