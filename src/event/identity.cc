#include "event/identity.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "event/json_check.h"
#include "event/limits.h"

namespace st::event {
namespace {

// The text that get_json_object gives for a scalar in a generated table; nullopt for other values.
std::optional<std::string> TextOf(const nlohmann::json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number() || json.is_boolean()) return json.dump();
  return std::nullopt;
}

std::optional<std::string> TextOfJson(const std::string& json) {
  return TextOf(nlohmann::json::parse(json, nullptr, false));
}

// The topic; true if the payload is plain text; then that text, or else the event_type.
using Mark = std::tuple<std::string, bool, std::string>;

std::optional<Mark> MarkOf(const Declaration& event) {
  if (event.is_text) return Mark{event.topic, true, event.text};
  const auto type = event.event_type();
  if (type.empty()) return std::nullopt;
  return Mark{event.topic, false, type};
}

class Checker {
 public:
  explicit Checker(const std::vector<Declaration>& declarations) : declarations_(declarations) {}

  Status Run() {
    for (const auto& event : declarations_) {
      ST_TRY_STATUS(CheckTable(event));
      const auto mark = MarkOf(event);
      if (!mark) continue;
      const auto [at, is_new] = owners_.emplace(*mark, &event);
      if (!is_new) return Shared(event, *mark, *at->second);
    }
    for (const auto& event : declarations_) ST_TRY_STATUS(CheckTypes(event));
    return {};
  }

 private:
  static Status CheckTable(const Declaration& event) {
    if (!event.table.empty() || event.is_without_table || MarkOf(event)) return {};
    return Fail(ErrorCode::kInvalidArgument,
                "{}: event \"{}\": table: nothing tells its records from others'; add a constant "
                "event_type = \"{}\" under [fields], or say table = false",
                event.name_place, event.name, event.name);
  }

  static Status Shared(const Declaration& event, const Mark& mark, const Declaration& other) {
    const auto& [topic, is_text, text] = mark;
    return Fail(ErrorCode::kInvalidArgument,
                "{}: {} \"{}\" of topic \"{}\" is declared at {} too; each event has its own",
                is_text ? event.name_place : event.event_type_place(),
                is_text ? "payload" : "event_type", text, topic,
                is_text ? other.name_place : other.event_type_place());
  }

  // Checks that no record of the event can have the event_type of another event.
  Status CheckTypes(const Declaration& event) const {
    if (event.is_text) return CheckText(event);
    for (const auto& field : event.fields) {
      if (field.name != "event_type") continue;
      if (field.from == FieldSource::kConstant) {
        const auto type = TextOfJson(field.value.value_or(""));
        return type ? CheckType(event, *type) : Status();
      }
      if (field.one_of.empty()) return CheckAnyType(event);
      for (const auto& value : field.one_of) {
        ST_TRY_STATUS(CheckType(event, TextOfJson(value).value_or("")));
      }
    }
    return {};
  }

  // The text may be JSON, which a table takes for an event's by any of its members (HasConstants of
  // record_reader.cc).
  Status CheckText(const Declaration& event) const {
    JsonCheck json(kMaxRecordDepth, JsonCheck::Members::kKeep);
    if (!json.Check(WithoutByteOrderMark(event.text))) return {};
    for (const auto& member : json.members()) {
      const auto type =
          member.name == "event_type" ? TextOfJson(std::string(member.value)) : std::nullopt;
      if (type) ST_TRY_STATUS(CheckType(event, *type));
    }
    return {};
  }

  Status CheckType(const Declaration& event, const std::string& type) const {
    const auto found = owners_.find(Mark{event.topic, false, type});
    if (found == owners_.end() || found->second == &event) return {};
    return Fail(
        ErrorCode::kInvalidArgument,
        "{}: event \"{}\": its records may say event_type \"{}\", which makes them those of "
        "event \"{}\" at {}; give it another event_type or topic",
        event.event_type_place(), event.name, type, found->second->name,
        found->second->event_type_place());
  }

  Status CheckAnyType(const Declaration& event) const {
    const auto found = owners_.lower_bound(Mark{event.topic, false, ""});
    if (found == owners_.end() || std::get<0>(found->first) != event.topic ||
        std::get<1>(found->first)) {
      return {};
    }
    return CheckType(event, std::get<2>(found->first));
  }

  const std::vector<Declaration>& declarations_;
  std::map<Mark, const Declaration*> owners_;
};

}  // namespace

Status CheckIdentities(const std::vector<Declaration>& declarations) {
  return Checker(declarations).Run();
}

}  // namespace st::event
