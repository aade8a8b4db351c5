#include "stream/new_definition.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/crc32c.h"
#include "base/record_columns.h"
#include "stream/definition_history.h"
#include "stream/known_commit.h"
#include "stream/limits.h"
#include "stream/progress.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

using Json = nlohmann::json;
using ViewPtr = std::shared_ptr<const lake::View>;

// What the table and bad.rows had when a definition began.
struct FirstRows {
  std::uint32_t definition = 0;  // the CRC of its text
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
  std::optional<std::uint32_t> stopped;  // once it has stopped: the CRC of the pause's reason
};

std::string Encode(const FirstRows& first) {
  Json json = {
      {"definition", first.definition}, {"rows", first.rows}, {"dead_letters", first.dead_letters}};
  if (first.stopped) json["stopped"] = *first.stopped;
  return json.dump();
}

std::optional<FirstRows> FirstRowsIn(const lake::View& table) {
  const auto property = table.properties.find(kFirstRowsProperty);
  if (property == table.properties.end()) return std::nullopt;
  const Json json = Json::parse(property->second, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto number = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  FirstRows first{.definition = static_cast<std::uint32_t>(number("definition")),
                  .rows = number("rows"),
                  .dead_letters = number("dead_letters")};
  if (json.contains("stopped")) first.stopped = static_cast<std::uint32_t>(number("stopped"));
  return first;
}

// What the table says of the definition; nullopt: it says nothing, or speaks of another one.
std::optional<FirstRows> FirstRowsIn(const lake::View& table,
                                     const dialect::spark::Definition& definition) {
  auto first = FirstRowsIn(table);
  if (first && first->definition == Crc32c(DefinitionText(definition))) return first;
  return std::nullopt;
}

FirstRows Beginning(const dialect::spark::Definition& definition, const lake::View& table,
                    std::int64_t dead_letters) {
  return {.definition = Crc32c(DefinitionText(definition)),
          .rows = table.record_count,
          .dead_letters = dead_letters};
}

bool IsUsed(const dialect::spark::Definition& definition, const lake::View& table) {
  return !HistoryWith(definition, table, {});
}

// An error without the values in it: what is before the first quote or digit.
std::string_view KindOf(std::string_view reason) {
  return reason.substr(0, reason.find_first_of("'\"`0123456789"));
}

// The code and the kind of error that all dead letters of the step have.
std::optional<std::string> OneKind(const MadeStep& step) {
  const auto& file = step.transform.bad_output;
  if (!file || file->rows != step.records) return std::nullopt;
  const auto code = file->columns.find(static_cast<int>(DeadColumn::kCode) + 1);
  if (code == file->columns.end() || !code->second.min || code->second.min != code->second.max) {
    return std::nullopt;
  }
  if (std::ssize(step.failing) != step.records) return code->second.min;
  const auto kind = KindOf(step.failing.front().reason);
  const bool is_one = std::ranges::all_of(
      step.failing, [&](const auto& record) { return KindOf(record.reason) == kind; });
  if (!is_one) return std::nullopt;
  return fmt::format("{} ({})", *code->second.min, step.failing.front().reason);
}

}  // namespace

std::optional<std::string> WhyToStop(const dialect::spark::Definition& definition,
                                     const lake::View& table, const MadeStep& step) {
  if (!definition.identity.empty()) return std::nullopt;
  const auto kind = OneKind(step);  // first: nearly every step has a row
  if (!kind) return std::nullopt;
  auto first = FirstRowsIn(table, definition);
  if (!first && IsUsed(definition, table)) return std::nullopt;  // by an earlier version
  if (!first) first = Beginning(definition, table, step.dead_letters_before);
  if (first->stopped || table.record_count > first->rows) return std::nullopt;
  const auto dead_letters = step.dead_letters_before + step.records - first->dead_letters;
  if (dead_letters <= kMaxFirstDeadLetters) return std::nullopt;
  return fmt::format(
      "the SELECT has made no row yet, and each of its next {} records would be a dead letter of "
      "one kind: {}. They wait. Correct the SELECT, `steelthread reload`, and `steelthread "
      "pipeline resume {}`, or `pipeline reset` where its columns get other types; without a "
      "correction they become dead letters then",
      step.records, *kind, definition.name);
}

Status StopForPerson(const Dependencies& to, const dialect::spark::Definition& definition,
                     const std::string& reason, const MadeStep& step) {
  const std::chrono::sys_seconds now(std::chrono::seconds(to.env.clock.NowUs() / 1'000'000));
  const auto text = fmt::format("{:%FT%TZ}: {}", now, reason);
  const lake::TableName name{.schema = "default", .name = definition.name};
  const auto attempt = [&](const ViewPtr& view) -> Result<Tried> {
    if (!PausedReason(*view).empty()) return Tried{view};
    auto first = FirstRowsIn(*view, definition);
    if (!first) first = Beginning(definition, *view, step.dead_letters_before);
    first->stopped = Crc32c(text);
    lake::Append pause{.table = name, .expected_version = view->version};
    pause.properties = {{kPausedProperty, text}, {kFirstRowsProperty, Encode(*first)}};
    return Tried{to.lake.Commit(pause)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, name, attempt));
  return {};
}

std::optional<std::string> StoppedReason(const lake::View& table) {
  auto reason = PausedReason(table);
  const auto first = FirstRowsIn(table);
  if (reason.empty() || !first || first->stopped != Crc32c(reason)) return std::nullopt;
  return reason;
}

std::optional<std::string> FirstRowsOf(const dialect::spark::Definition& definition,
                                       const lake::View& table, std::int64_t dead_letters) {
  if (FirstRowsIn(table, definition)) return std::nullopt;
  return Encode(Beginning(definition, table, dead_letters));
}

}  // namespace st::stream
