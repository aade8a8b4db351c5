#include "game/declared.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "game/event.h"

namespace st::game {
namespace {

struct Written {
  std::string name;
  event::FieldType type;
};

// The fields of an event as it is written.
struct Collect {
  std::vector<Written>& out;
  void operator()(std::string_view name, const std::string&) {
    out.push_back({std::string(name), event::FieldType::kString});
  }
  void operator()(std::string_view name, const std::optional<std::string>&) {
    out.push_back({std::string(name), event::FieldType::kString});
  }
  void operator()(std::string_view name, std::int64_t) {
    out.push_back({std::string(name), event::FieldType::kLong});
  }
};

template <std::size_t... kIndex>
std::map<std::string, std::vector<Written>> WrittenEvents(std::index_sequence<kIndex...>) {
  std::map<std::string, std::vector<Written>> events;
  const auto add = [&events]<typename E>(const E& e) {
    if constexpr (!std::is_same_v<E, CommandRefused>) {
      E::ForEach(e, Collect{events[std::string(E::kType)]});
    }
  };
  (add(std::variant_alternative_t<kIndex, Event>()), ...);
  return events;
}

std::map<std::string, std::vector<Written>> AllEvents() {
  return WrittenEvents(std::make_index_sequence<std::variant_size_v<Event>>());
}

std::unexpected<Error> Wrong(const std::string& place, const std::string& why) {
  return Fail(ErrorCode::kInvalidArgument, "{}: {}", place, why);
}

// A field that the game writes and the declaration lacks, and the declared field in its position,
// if there is one.
std::unexpected<Error> Missing(const event::Declaration& declared,
                               const std::vector<std::string>& written, const Written& field) {
  std::vector<std::string> others;
  for (const auto& other : declared.fields) {
    if (std::ranges::find(written, other.name) == written.end()) others.push_back(other.name);
  }
  const auto near = NearestName(field.name, others);
  const auto at = std::ranges::find(declared.fields, near.value_or(""), &event::Field::name);
  return Wrong(
      near ? at->place : declared.name_place,
      fmt::format("event \"{}\": field \"{}\" is missing: the game writes it, of type \"{}\"{}",
                  declared.name, field.name, event::NameOf(field.type),
                  near ? fmt::format("; is \"{}\" meant to be it?", *near) : ""));
}

Status CheckFields(const event::Declaration& declared, const std::vector<Written>& written) {
  std::vector<std::string> names;
  for (const auto& field : written) names.push_back(field.name);
  for (const auto& field : written) {
    const auto found = std::ranges::find(declared.fields, field.name, &event::Field::name);
    if (found == declared.fields.end()) return Missing(declared, names, field);
    if (found->from != event::FieldSource::kProducer) {
      return Wrong(
          found->place,
          fmt::format("field \"{}\": the game writes it, so it is from \"producer\"", field.name));
    }
    if (found->type != field.type) {
      return Wrong(found->place,
                   fmt::format("field \"{}\": type \"{}\", but the game writes a \"{}\"",
                               field.name, event::NameOf(found->type), event::NameOf(field.type)));
    }
  }
  for (const auto& field : declared.fields) {
    const bool is_narrower =
        field.min || field.max || !field.pattern.empty() || !field.one_of.empty() || field.value;
    if (field.name != "event_type" && is_narrower) {
      return Wrong(field.place,
                   fmt::format("field \"{}\": the game writes it as its rules say: no min, max, "
                               "pattern, one_of or default",
                               field.name));
    }
    if (field.name == "event_type" || std::ranges::find(names, field.name) != names.end()) continue;
    const auto near = NearestName(field.name, names);
    return Wrong(field.place,
                 fmt::format("field \"{}\": the game does not write it in this event{}", field.name,
                             near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
  return {};
}

Status CheckOne(const event::Declaration& declared, const std::vector<Written>& written) {
  if (declared.topic != kTopic) {
    return Wrong(declared.name_place,
                 fmt::format("event \"{}\": topic \"{}\", but the game writes this event, and to "
                             "topic \"game\": declare topic = \"game\", or another event_type",
                             declared.name, declared.topic));
  }
  if (declared.has_route()) {
    return Wrong(
        declared.route_place,
        fmt::format("event \"{}\": the game writes it, so it has no route", declared.name));
  }
  if (!declared.key.empty()) {
    return Wrong(declared.name_place,
                 fmt::format("event \"{}\": the game's records have no key", declared.name));
  }
  if (declared.with_headers) {
    return Wrong(declared.name_place,
                 fmt::format("event \"{}\": the game writes no headers", declared.name));
  }
  return CheckFields(declared, written);
}

std::unexpected<Error> NoSuchEvent(const event::Declaration& declared,
                                   const std::map<std::string, std::vector<Written>>& events) {
  std::vector<std::string> names;
  for (const auto& [name, fields] : events) names.push_back(name);
  const auto near = NearestName(declared.event_type(), names);
  return Wrong(declared.name_place,
               fmt::format("event \"{}\": only the game writes topic \"game\", and it has no event "
                           "\"{}\" to declare; {}",
                           declared.name, declared.event_type(),
                           near ? fmt::format("did you mean \"{}\"?", *near)
                                : "events of another kind have another topic"));
}

}  // namespace

Status CheckDeclarations(const std::vector<event::Declaration>& declarations) {
  const auto events = AllEvents();
  std::map<std::string, std::string> places;  // of each event_type that is declared
  for (const auto& declared : declarations) {
    const std::string type = declared.event_type();
    const auto written = events.find(type);
    if (written == events.end()) {
      if (declared.topic != kTopic) continue;
      return NoSuchEvent(declared, events);
    }
    const auto [at, is_first] = places.emplace(type, declared.event_type_place());
    if (!is_first) {
      return Wrong(declared.event_type_place(),
                   fmt::format("event_type \"{}\" is declared at {} too", type, at->second));
    }
    ST_TRY_STATUS(CheckOne(declared, written->second));
  }
  return {};
}

std::vector<UndeclaredEvent> UndeclaredEvents(const std::vector<event::Declaration>& declarations) {
  auto events = AllEvents();
  for (const auto& declared : declarations) events.erase(declared.event_type());
  std::vector<UndeclaredEvent> out;
  for (const auto& [type, written] : events) {
    std::string fields = fmt::format("event_type = \"{}\"", type);
    for (const auto& field : written) {
      fields += fmt::format(", {} = {{ type = \"{}\" }}", field.name, event::NameOf(field.type));
    }
    out.push_back({type, std::move(fields)});
  }
  return out;
}

}  // namespace st::game
