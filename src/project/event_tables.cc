#include "project/event_tables.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/quote.h"
#include "base/text.h"
#include "dialect/spark/layout.h"
#include "event/record_reader.h"

namespace st::project {
namespace {

// The SQL of the column that the record's reader gives at `index`, cast to its type.
std::string ColumnSql(std::size_t index, event::FieldType type) {
  const std::string text = fmt::format("get_json_object(CAST(value AS STRING), '$.{}')", index);
  switch (type) {
    case event::FieldType::kString:
      return text;
    case event::FieldType::kInt:
      return fmt::format("CAST({} AS INT)", text);
    case event::FieldType::kLong:
      return fmt::format("CAST({} AS BIGINT)", text);
    case event::FieldType::kDouble:
      return fmt::format("CAST({} AS DOUBLE)", text);
    case event::FieldType::kBoolean:
      return fmt::format("CAST({} AS BOOLEAN)", text);
    case event::FieldType::kTimestamp:
      return fmt::format("timestamp_micros(CAST({} AS BIGINT))", text);
  }
  return text;
}

// A column's name for a field. It is in lower case, as Presto's names are.
std::string ColumnName(const std::string& field) {
  std::string out = AsciiLower(field);
  for (char& c : out) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_plain) c = '_';
  }
  return out;
}

// Writes the definition of the table for one version of an event, from that version's entries in
// the log.
//
// The reader (event/record_reader.h) decides which records are rows, and gives the SQL each row's
// columns instead of the record's value.
class TableWriter {
 public:
  TableWriter(const event::Declaration& declared, event::TableRules rules)
      : declared_(declared), rules_(std::move(rules)) {}

  Result<dialect::spark::Definition> Run() {
    ST_TRY_STATUS(Column("event_time", "timestamp"));
    ST_TRY_STATUS(Column("partition", "partition"));
    ST_TRY_STATUS(Column("offset", "offset"));
    const auto columns = event::ColumnsOf(rules_);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      ST_TRY_STATUS(Column(ColumnName(columns[i].member), ColumnSql(i, columns[i].type)));
    }
    const std::string sql = fmt::format(
        "CREATE STREAMING TABLE {} TBLPROPERTIES ('steelthread.format' = 'json') AS SELECT {} FROM "
        "STREAM({})",
        Quoted(latest().table, '`'), fmt::join(columns_, ", "), Quoted(latest().topic, '`'));
    ST_TRY(auto definitions, dialect::spark::ParsePipelineFile(declared_.name_place, sql));
    auto definition = std::move(definitions.front());
    SetComments(columns, definition);
    definition.place = declared_.name_place;
    definition.identity = fmt::format("event {}, version {}", latest().name, latest().version);
    definition.event_rules = event::EncodeRules(rules_);
    definition.lane = "events/" + latest().topic;
    if (!declared_.description.empty()) definition.properties["comment"] = declared_.description;
    ST_TRY_STATUS(AddLayout(definition));
    return definition;
  }

 private:
  // A column's comment is the description of its field in the file.
  void SetComments(const std::vector<event::TableColumn>& members,
                   dialect::spark::Definition& definition) const {
    auto column = definition.columns.end() - std::ssize(members);
    for (const auto& member : members) {
      const auto field = std::ranges::find(declared_.fields, member.member, &event::Field::name);
      if (field != declared_.fields.end()) column->comment = field->description;
      ++column;
    }
  }

  const event::Declaration& latest() const { return rules_.entries.back().declaration; }

  // The file's layout is that of its version's table. A table of an earlier version gets no more
  // rows, and takes of it what its columns allow.
  Status AddLayout(dialect::spark::Definition& definition) const {
    const bool is_latest = declared_.version == latest().version;
    const auto columns = dialect::spark::LayoutColumnsOf(definition);
    const auto join = [](std::string& list, const std::string& field) {
      list += (list.empty() ? "" : ", ") + field;
    };
    const std::string place = declared_.partition_place + ": partition_by";
    std::string partition;
    for (const auto& field : declared_.partition_by) {
      auto longer = partition;
      join(longer, field);
      auto fields = dialect::spark::PartitionFromText(place, longer, columns);
      if (!fields && is_latest) return std::unexpected(fields.error());
      if (!fields) continue;
      partition = std::move(longer);
      definition.layout.partition = *std::move(fields);
    }
    const std::string sort_place = declared_.sort_place + ": sort_by";
    std::string sort;
    for (const auto& field : declared_.sort_by) {
      auto longer = sort;
      join(longer, field);
      auto fields = dialect::spark::SortFromText(sort_place, longer, columns);
      if (!fields && is_latest) return std::unexpected(fields.error());
      if (!fields) continue;
      sort = std::move(longer);
      definition.layout.sort = *std::move(fields);
    }
    return {};
  }

  Status Column(const std::string& name, const std::string& sql) {
    if (!names_.insert(name).second) {
      return Fail(
          ErrorCode::kInvalidArgument,
          "{}: the table \"{}\" would have two columns \"{}\"; name the field otherwise, or "
          "say table = false",
          declared_.name_place, latest().table, name);
    }
    columns_.push_back(fmt::format("{} AS {}", sql, Quoted(name, '`')));
    return {};
  }

  const event::Declaration& declared_;
  const event::TableRules rules_;
  std::set<std::string> names_;
  std::vector<std::string> columns_;
};

// Takes the fields from the file, which has them exactly: older entries of the log have bounds as
// doubles. Within a version a field is the same in each entry and in the file.
void TakeFields(const event::Declaration& declared, event::Declaration& entry) {
  if (declared.version != entry.version) return;
  for (auto& field : entry.fields) {
    const auto same = std::ranges::find(declared.fields, field.name, &event::Field::name);
    if (same != declared.fields.end()) field = *same;
  }
}

}  // namespace

Result<std::vector<dialect::spark::Definition>> EventTables(
    const EventVersions& versions, const std::vector<event::Declaration>& declared) {
  std::vector<dialect::spark::Definition> out;
  for (const auto& event : declared) {
    const auto found = versions.find(event.name);
    if (found == versions.end()) continue;
    const auto& entries = found->second;
    for (std::size_t i = 0; i < entries.size();) {
      event::TableRules rules;
      const int version = entries[i].declaration.version;
      while (i < entries.size() && entries[i].declaration.version == version) {
        rules.entries.push_back(entries[i++]);
        TakeFields(event, rules.entries.back().declaration);
      }
      if (rules.entries.back().declaration.table.empty()) continue;
      if (i < entries.size()) rules.until = entries[i].since;
      ST_TRY(auto definition, TableWriter(event, std::move(rules)).Run());
      out.push_back(std::move(definition));
    }
  }
  return out;
}

}  // namespace st::project
