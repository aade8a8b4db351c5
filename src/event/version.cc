#include "event/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace st::event {
namespace {

using Json = nlohmann::ordered_json;

Json BoundJson(const Bound& bound) {
  return std::visit([](auto at) { return Json(at); }, bound);
}

// Older entries of the log have every bound as a double.
Bound BoundOf(const Json& json) {
  if (json.is_number_integer()) return json.get<std::int64_t>();
  return json.get<double>();
}

Json FieldJson(const Field& field) {
  Json out = {{"name", field.name},
              {"type", NameOf(field.type)},
              {"is_constant", field.from == FieldSource::kConstant},
              {"is_required", field.is_required}};
  if (field.value) out["value"] = *field.value;
  if (field.min) out["min"] = BoundJson(*field.min);
  if (field.max) out["max"] = BoundJson(*field.max);
  if (!field.pattern.empty()) out["pattern"] = field.pattern;
  if (!field.one_of.empty()) out["one_of"] = field.one_of;
  return out;
}

Result<Field> FieldOf(const Json& json) {
  Field field;
  field.name = json.at("name").get<std::string>();
  const auto type = json.at("type").get<std::string>();
  const auto known = std::ranges::find(FieldTypeNames(), type);
  if (known == FieldTypeNames().end()) {
    return Fail(ErrorCode::kCorruption, "field \"{}\" has the type \"{}\"", field.name, type);
  }
  field.type = static_cast<FieldType>(known - FieldTypeNames().begin());
  field.from = json.at("is_constant").get<bool>() ? FieldSource::kConstant : FieldSource::kProducer;
  field.is_required = json.at("is_required").get<bool>();
  if (json.contains("value")) field.value = json["value"].get<std::string>();
  if (field.from == FieldSource::kConstant &&
      (!field.value || nlohmann::json::parse(*field.value, nullptr, false).is_discarded())) {
    return Fail(ErrorCode::kCorruption, "field \"{}\" has no constant", field.name);
  }
  if (json.contains("min")) field.min = BoundOf(json["min"]);
  if (json.contains("max")) field.max = BoundOf(json["max"]);
  if (json.contains("pattern")) field.pattern = json["pattern"].get<std::string>();
  if (json.contains("one_of")) field.one_of = json["one_of"].get<std::vector<std::string>>();
  return field;
}

// Describes the field in a reason, such as: the constant "string"; an optional int.
std::string Described(const Field& field) {
  if (field.from == FieldSource::kConstant) return "the constant " + *field.value;
  return fmt::format("{} {}", field.is_required ? "a required" : "an optional", NameOf(field.type));
}

std::string Quoted(const std::string& text) { return text.empty() ? "none" : '"' + text + '"'; }

class Comparer {
 public:
  Comparer(const Declaration& before, const Declaration& now) : before_(before), now_(now) {}

  Comparison Run() {
    if (now_.version > before_.version) return {.change = Change::kNewVersion};
    if (now_.version < before_.version) {
      Reason(now_.name_place, fmt::format("version {} came already", before_.version));
    }
    Head("topic", before_.topic, now_.topic);
    Head("key", before_.key, now_.key);
    Head("table", before_.table, now_.table);
    Head("payload", before_.text, now_.text);
    Head("headers", before_.with_headers ? "all" : "none", now_.with_headers ? "all" : "none");
    for (const auto& field : before_.fields) Old(field);
    for (const auto& field : now_.fields) New(field);
    if (!out_.reasons.empty()) {
      out_.change = Change::kIncompatible;
    } else if (!out_.added.empty()) {
      out_.change = Change::kCompatible;
    }
    return std::move(out_);
  }

 private:
  void Reason(const std::string& place, const std::string& why) {
    out_.reasons.push_back(fmt::format("{}: {}", place, why));
  }

  void Head(const char* what, const std::string& was, const std::string& is) {
    if (was == is) return;
    Reason(now_.name_place, fmt::format("{} is {}, was {}", what, Quoted(is), Quoted(was)));
  }

  // The key's name in the declaration's file.
  static std::string Key(const std::string& key) { return key == "value" ? "default" : key; }

  // A default is stored as the text of its JSON.
  static std::string Shown(const std::string& key, const Json& value) {
    return key == "value" ? value.get<std::string>() : value.dump();
  }

  static const Field* Find(const std::vector<Field>& fields, const std::string& name) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &*found;
  }

  void Old(const Field& was) {
    const Field* is = Find(now_.fields, was.name);
    if (is == nullptr) {
      return Reason(now_.name_place, fmt::format("field \"{}\" is gone", was.name));
    }
    Json before = FieldJson(was);
    Json now = FieldJson(*is);
    if (before == now) return;
    const bool was_constant = was.from == FieldSource::kConstant;
    const bool is_constant = is->from == FieldSource::kConstant;
    if (was_constant || is_constant || was.is_required != is->is_required) {
      Reason(is->place,
             fmt::format("field \"{}\" is {}, was {}", was.name, Described(*is), Described(was)));
    }
    if (was_constant || is_constant) return;
    if (was.is_required != is->is_required) {
      for (auto* json : {&before, &now}) {
        json->erase("is_required");
        json->erase("type");
      }
    }
    for (const auto& [key, value] : now.items()) {
      if (before.contains(key) && before[key] == value) continue;
      Reason(is->place,
             fmt::format("field \"{}\": {} is {}, was {}", was.name, Key(key), Shown(key, value),
                         before.contains(key) ? Shown(key, before[key]) : "not set"));
    }
    for (const auto& [key, value] : before.items()) {
      if (now.contains(key)) continue;
      Reason(is->place, fmt::format("field \"{}\": {} is not set, was {}", was.name, Key(key),
                                    Shown(key, value)));
    }
  }

  void New(const Field& field) {
    if (Find(before_.fields, field.name) != nullptr) return;
    if (field.is_required || field.from == FieldSource::kConstant) {
      return Reason(field.place, fmt::format("the new field \"{}\" is not optional", field.name));
    }
    out_.added.push_back(field.name);
  }

  const Declaration& before_;
  const Declaration& now_;
  Comparison out_;
};

}  // namespace

std::string EncodeShape(const Declaration& declaration) {
  Json out = {{"name", declaration.name},   {"version", declaration.version},
              {"topic", declaration.topic}, {"key", declaration.key},
              {"table", declaration.table}, {"with_headers", declaration.with_headers}};
  if (declaration.is_text) out["text"] = declaration.text;
  out["fields"] = Json::array();
  for (const auto& field : declaration.fields) out["fields"].push_back(FieldJson(field));
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Declaration> DecodeShape(std::string_view json) {
  // nlohmann reports by exception; this is its fence.
  try {
    const auto read = Json::parse(json);
    Declaration out;
    out.name = read.at("name").get<std::string>();
    out.version = read.at("version").get<int>();
    out.topic = read.at("topic").get<std::string>();
    out.key = read.at("key").get<std::string>();
    out.table = read.at("table").get<std::string>();
    out.with_headers = read.at("with_headers").get<bool>();
    out.is_text = read.contains("text");
    if (out.is_text) out.text = read["text"].get<std::string>();
    for (const auto& item : read.at("fields")) {
      ST_TRY(auto field, FieldOf(item));
      out.fields.push_back(std::move(field));
    }
    return out;
  } catch (const Json::exception& error) {
    return Fail(ErrorCode::kCorruption, "{}", error.what());
  }
}

std::string EncodeVersion(const DeclaredVersion& version) {
  return Json{{"declaration", Json::parse(EncodeShape(version.declaration))},
              {"since", OffsetsJson(version.since)}}
      .dump();
}

Result<DeclaredVersion> DecodeVersion(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("declaration") || !json.contains("since")) {
    return Fail(ErrorCode::kCorruption, "is no declared version");
  }
  DeclaredVersion out;
  ST_TRY(out.declaration, DecodeShape(json["declaration"].dump()));
  ST_TRY(out.since, OffsetsOf(json["since"]));
  return out;
}

Json OffsetsJson(const Offsets& offsets) {
  Json out = Json::object();
  for (const auto& [partition, offset] : offsets) out[std::to_string(partition)] = offset;
  return out;
}

Result<Offsets> OffsetsOf(const Json& json) {
  Offsets out;
  for (const auto& [partition, offset] : json.items()) {
    const auto number = ParseInt64(partition);
    if (!number || !offset.is_number_integer()) {
      return Fail(ErrorCode::kCorruption, "has a bad position");
    }
    out[static_cast<std::int32_t>(*number)] = offset.get<std::int64_t>();
  }
  return out;
}

Comparison Compare(const Declaration& before, const Declaration& now) {
  return Comparer(before, now).Run();
}

}  // namespace st::event
