#include "app/event_tables.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace st::app {
namespace {

std::string SqlText(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string SqlName(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

// The JSON path of a member whatever its name.
std::string MemberPath(const std::string& name) { return "$['" + name + "']"; }

std::string Member(const std::string& name) {
  return fmt::format("get_json_object(CAST(value AS STRING), {})", SqlText(MemberPath(name)));
}

const char* SqlType(event::FieldType type) {
  switch (type) {
    case event::FieldType::kString:
      return "STRING";
    case event::FieldType::kInt:
      return "INT";
    case event::FieldType::kLong:
      return "BIGINT";
    case event::FieldType::kDouble:
      return "DOUBLE";
    case event::FieldType::kBoolean:
      return "BOOLEAN";
    case event::FieldType::kTimestamp:
      return "TIMESTAMP";
  }
  return "STRING";
}

// True for the records before the position; "" where there are none.
std::string Before(const Since& since) {
  std::vector<std::string> parts;
  for (const auto& [partition, offset] : since) {
    if (offset > 0)
      parts.push_back(fmt::format("(partition = {} AND offset < {})", partition, offset));
  }
  return fmt::format("{}", fmt::join(parts, " OR "));
}

// A field's name as a column's: Presto's names are lower case.
std::string ColumnName(const std::string& field) {
  std::string out = AsciiLower(field);
  for (char& c : out) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_plain) c = '_';
  }
  return out;
}

// One event's table in one version: its entries in the log are those of that version.
class TableWriter {
 public:
  TableWriter(const event::Declaration& declared, std::vector<const EventVersion*> entries,
              const EventVersion* next)
      : declared_(declared), entries_(std::move(entries)), next_(next) {}

  Result<stream::Definition> Run() {
    ST_TRY_STATUS(Column("event_time", "timestamp"));
    ST_TRY_STATUS(Column("partition", "partition"));
    ST_TRY_STATUS(Column("offset", "offset"));
    if (latest().with_headers) {
      ST_TRY_STATUS(Column("host", Member("Host")));
      ST_TRY_STATUS(Column("accept", Member("Accept")));
      ST_TRY_STATUS(Column("user_agent", Member("User-Agent")));
    }
    std::set<std::string> written;
    for (const auto* entry : entries_) {
      for (const auto& field : entry->declaration.fields) {
        if (field.from == event::FieldSource::kConstant) continue;
        if (!written.insert(field.name).second) continue;
        ST_TRY_STATUS(Column(ColumnName(field.name), Value(field, *entry)));
      }
    }
    const std::string sql = fmt::format(
        "CREATE STREAMING TABLE {} AS SELECT {} FROM STREAM({}) WHERE {}", SqlName(latest().table),
        fmt::join(columns_, ", "), SqlName(latest().topic), Where());
    ST_TRY(auto definitions, stream::ParsePipelineFile(declared_.name_place, sql));
    auto definition = std::move(definitions.front());
    definition.place = declared_.name_place;
    definition.identity = fmt::format("event {}, version {}", latest().name, latest().version);
    definition.lane = "events/" + latest().topic;
    if (!declared_.description.empty()) definition.properties["comment"] = declared_.description;
    return definition;
  }

 private:
  const event::Declaration& latest() const { return entries_.back()->declaration; }

  Status Column(const std::string& name, const std::string& sql) {
    if (!names_.insert(name).second) {
      return Fail(
          ErrorCode::kInvalidArgument,
          "{}: the table \"{}\" would have two columns \"{}\"; name the field otherwise, or "
          "say table = false",
          declared_.name_place, latest().table, name);
    }
    columns_.push_back(fmt::format("{} AS {}", sql, SqlName(name)));
    return {};
  }

  // A field that came later is read of later records alone.
  std::string Value(const event::Field& field, const EventVersion& entry) const {
    std::string value = Member(field.name);
    if (field.type != event::FieldType::kString) {
      value = fmt::format("CAST({} AS {})", value, SqlType(field.type));
    }
    const std::string before = Before(entry.since);
    if (&entry == entries_.front() || before.empty()) return value;
    return fmt::format("CASE WHEN NOT ({}) THEN {} END", before, value);
  }

  std::string Where() const {
    std::string where =
        latest().is_text
            ? fmt::format("CAST(value AS STRING) = {}", SqlText(latest().text))
            : fmt::format("{} = {}", Member("event_type"), SqlText(latest().event_type()));
    const std::string before = Before(entries_.front()->since);
    if (!before.empty()) where += fmt::format(" AND NOT ({})", before);
    if (next_ == nullptr) return where;
    const std::string until = Before(next_->since);
    return where + (until.empty() ? " AND 1 = 0" : fmt::format(" AND ({})", until));
  }

  const event::Declaration& declared_;
  const std::vector<const EventVersion*> entries_;
  const EventVersion* next_;  // the next version's first, or nullptr
  std::set<std::string> names_;
  std::vector<std::string> columns_;
};

}  // namespace

Result<std::vector<stream::Definition>> EventTables(
    const EventVersions& versions, const std::vector<event::Declaration>& declared) {
  std::vector<stream::Definition> out;
  for (const auto& event : declared) {
    const auto found = versions.find(event.name);
    if (found == versions.end()) continue;
    const auto& entries = found->second;
    for (std::size_t i = 0; i < entries.size();) {
      std::vector<const EventVersion*> same;
      const int version = entries[i].declaration.version;
      while (i < entries.size() && entries[i].declaration.version == version) {
        same.push_back(&entries[i++]);
      }
      if (same.back()->declaration.table.empty()) continue;
      ST_TRY(auto definition,
             TableWriter(event, same, i < entries.size() ? &entries[i] : nullptr).Run());
      out.push_back(std::move(definition));
    }
  }
  return out;
}

}  // namespace st::app
