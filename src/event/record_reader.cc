#include "event/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "event/limits.h"
#include "event/payload.h"
#include "event/python_json.h"

namespace st::event {
namespace {

using Json = nlohmann::ordered_json;

// The headers that are columns of each table whose event has headers.
constexpr std::array kHeaderColumns = {"Host", "Accept", "User-Agent"};

bool IsBefore(const RecordReader::Place& place, const Offsets& offsets) {
  const auto at = offsets.find(place.partition);
  return at != offsets.end() && place.offset < at->second;
}

// The fields that fill columns, each with the offsets from which its entry holds.
std::vector<std::pair<Field, Offsets>> FieldsOf(const TableRules& rules) {
  std::vector<std::pair<Field, Offsets>> out;
  if (rules.entries.back().declaration.with_headers) {
    for (const auto* name : kHeaderColumns) {
      Field field;
      field.name = name;
      field.from = FieldSource::kHeader;
      out.emplace_back(std::move(field), Offsets());
    }
  }
  const std::size_t headers = out.size();
  for (std::size_t i = 0; i < rules.entries.size(); ++i) {
    const auto& entry = rules.entries[i];
    for (const auto& field : entry.declaration.fields) {
      if (field.from == FieldSource::kConstant) continue;
      const bool is_known =
          std::any_of(out.begin() + static_cast<std::ptrdiff_t>(headers), out.end(),
                      [&](const auto& one) { return one.first.name == field.name; });
      if (!is_known) out.emplace_back(field, i == 0 ? Offsets() : entry.since);
    }
  }
  return out;
}

// Appends the value as text in quotes.
void AppendText(std::string& out, const Field& field, const Value& value) {
  switch (field.type) {
    case FieldType::kString:
      out += value.json;
      return;
    case FieldType::kTimestamp:
      out += fmt::format("\"{}\"", value.integer);
      return;
    case FieldType::kDouble:
      out += fmt::format("\"{}\"", DoubleJson(value.number));
      return;
    case FieldType::kInt:
    case FieldType::kLong:
    case FieldType::kBoolean:
      out += fmt::format("\"{}\"", value.json);
      return;
  }
}

}  // namespace

std::string EncodeRules(const TableRules& rules) {
  Json out = {{"entries", Json::array()}};
  for (const auto& entry : rules.entries) {
    out["entries"].push_back(Json::parse(EncodeVersion(entry)));
  }
  if (rules.until) out["until"] = OffsetsJson(*rules.until);
  return out.dump();
}

Result<TableRules> DecodeRules(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  TableRules rules;
  if (!json.is_object() || !json.contains("entries") || !json["entries"].is_array()) {
    return Fail(ErrorCode::kCorruption, "a table's rules are not the JSON of such rules");
  }
  for (const auto& item : json["entries"]) {
    ST_TRY(auto entry, DecodeVersion(item.dump()));
    rules.entries.push_back(std::move(entry));
  }
  if (rules.entries.empty()) return Fail(ErrorCode::kCorruption, "a table's rules have no entry");
  if (json.contains("until")) {
    ST_TRY(rules.until, OffsetsOf(json["until"]));
  }
  return rules;
}

std::vector<TableColumn> ColumnsOf(const TableRules& rules) {
  std::vector<TableColumn> out;
  for (const auto& [field, since] : FieldsOf(rules)) out.push_back({field.name, field.type});
  return out;
}

RecordReader::RecordReader(const TableRules& rules)
    : since_(rules.entries.front().since),
      until_(rules.until),
      json_(kMaxRecordDepth, JsonCheck::Members::kKeep),
      unique_(kMaxRecordDepth, JsonCheck::Members::kKeepUnique) {
  const auto& event = rules.entries.back().declaration;
  if (event.is_text) text_ = event.text;
  for (const auto& field : event.fields) {
    const bool may_differ = event.with_headers && IsHeaderName(field.name);
    if (field.from != FieldSource::kConstant || may_differ) continue;
    Field only = field;
    only.one_of = {*field.value};
    constants_.emplace_back(std::move(only));
  }
  for (auto& [field, since] : FieldsOf(rules)) {
    fields_.push_back({FieldReader(field), std::move(since)});
  }
}

bool RecordReader::IsInVersion(const Place& place) const {
  return !IsBefore(place, since_) && (!until_ || IsBefore(place, *until_));
}

const JsonCheck::Member* RecordReader::Find(std::string_view name) const {
  const auto found = std::ranges::find(json_.members(), name, &JsonCheck::Member::name);
  return found == json_.members().end() ? nullptr : &*found;
}

// Of two members with one name either may be the constant: the record then counts as one of this
// event, and is a dead letter.
bool RecordReader::HasConstants() const {
  return std::ranges::all_of(constants_, [&](const FieldReader& constant) {
    return std::ranges::any_of(json_.members(), [&](const JsonCheck::Member& member) {
      return member.name == constant.field().name && constant.ReadJson(member.value).has_value();
    });
  });
}

RecordReader::Verdict RecordReader::Kill(std::string code, std::string reason) {
  code_ = std::move(code);
  reason_ = std::move(reason);
  return Verdict::kDead;
}

RecordReader::Verdict RecordReader::Read(const Place& place,
                                         std::optional<std::string_view> value) {
  if (!value || !IsInVersion(place)) return Verdict::kOther;
  columns_ = "{";
  if (text_) {
    columns_ += "}";
    return *value == *text_ ? Verdict::kRow : Verdict::kOther;
  }
  value = WithoutByteOrderMark(*value);
  if (!IsUtf8(*value) || !json_.Check(*value) || !json_.is_object() || !HasConstants()) {
    return Verdict::kOther;
  }
  ST_CHECK(unique_.Check(*value));
  if (const auto twice = unique_.repeated_name()) {
    return Kill("repeated_field",
                fmt::format("\"{}\" stands in one object more than once", *twice));
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!AddColumn(i, place)) return Verdict::kDead;
  }
  columns_ += "}";
  return Verdict::kRow;
}

bool RecordReader::AddColumn(std::size_t index, const Place& place) {
  const Column& column = fields_[index];
  const Field& field = column.reader.field();
  const auto* member = IsBefore(place, column.since) ? nullptr : Find(field.name);
  if (member == nullptr || member->value == "null") {
    if (field.is_required) {
      Kill("missing_field",
           fmt::format("field '{}' is missing; want {}", field.name, Allowed(field)));
      return false;
    }
    return true;
  }
  const auto value = column.reader.ReadJson(member->value);
  if (!value) {
    Kill("invalid_field", fmt::format("field '{}': {}", field.name, value.error()));
    return false;
  }
  if (columns_.size() > 1) columns_ += ",";
  columns_ += fmt::format("\"{}\":", index);
  AppendText(columns_, field, *value);
  return true;
}

}  // namespace st::event
