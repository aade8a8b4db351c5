#include "dialect/spark/definition.h"

#include <array>
#include <optional>
#include <utility>

#include "base/column_type.h"
#include "base/quote.h"
#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/plan.h"
#include "dialect/spark/parser.h"
#include "dialect/spark/translate.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

constexpr std::string_view kPrefix = "steelthread.";

// Reads "10 seconds", "500 milliseconds" or "1 minute" as microseconds; nullopt for other texts.
std::optional<std::int64_t> ParseInterval(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits = {
      {{"millisecond", 1000},
       {"second", 1'000'000},
       {"minute", 60'000'000},
       {"hour", 3'600'000'000}}};
  text = Trim(text);
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto count = ParseInt64(text.substr(0, space));
  std::string unit = AsciiLower(Trim(text.substr(space)));
  if (unit.ends_with('s')) unit.pop_back();
  if (!count || *count < 0 || *count > kMaxTriggerUs) return std::nullopt;
  for (const auto& [name, us] : kUnits) {
    if (unit == name) return *count <= kMaxTriggerUs / us ? *count * us : kMaxTriggerUs + 1;
  }
  return std::nullopt;
}

class PropertyReader {
 public:
  PropertyReader(const SourceText& source, Definition& out) : source_(source), out_(out) {}

  Status Read(const StreamingTable& table) {
    if (!table.comment.empty()) out_.properties["comment"] = table.comment;
    std::map<std::string, std::size_t> seen;
    for (const auto& property : table.properties) {
      if (!seen.emplace(property.key, property.key_position).second) {
        return Wrong(property.key_position,
                     fmt::format("property '{}' is given twice", property.key));
      }
      if (AsciiLower(property.key).starts_with(kPrefix)) {
        ST_TRY_STATUS(Ours(property));
      } else {
        out_.properties[property.key] = property.value;
      }
    }
    if (!out_.require.empty() && !out_.is_json) {
      return Wrong(require_position_,
                   "steelthread.require needs 'steelthread.format' = 'json' beside it");
    }
    return {};
  }

 private:
  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source_.At(position, message));
  }

  Status Ours(const TableProperty& property) {
    static const std::vector<std::string> keys = {"steelthread.trigger", "steelthread.format",
                                                  "steelthread.require"};
    if (property.key == keys[0]) return Trigger(property);
    if (property.key == keys[1]) return Format(property);
    if (property.key == keys[2]) return RequireFields(property);
    const auto nearest = NearestName(AsciiLower(property.key), keys);
    return Wrong(property.key_position,
                 fmt::format("property '{}' is not known{}; there are {}, {} and {}", property.key,
                             nearest ? fmt::format("; did you mean '{}'?", *nearest) : "", keys[0],
                             keys[1], keys[2]));
  }

  Status Trigger(const TableProperty& property) {
    const auto interval = ParseInterval(property.value);
    if (!interval) {
      return Wrong(property.value_position,
                   fmt::format("'{}' is no interval; write '10 seconds' (milliseconds, seconds, "
                               "minutes, hours)",
                               property.value));
    }
    if (*interval < kMinTriggerUs || *interval > kMaxTriggerUs) {
      return Wrong(property.value_position,
                   "a trigger is at least 100 milliseconds and at most 24 hours");
    }
    out_.trigger_us = *interval;
    return {};
  }

  Status Format(const TableProperty& property) {
    if (property.value != "json" && property.value != "raw") {
      static const std::vector<std::string> formats = {"json", "raw"};
      const auto nearest = NearestName(AsciiLower(property.value), formats);
      return Wrong(property.value_position,
                   fmt::format("format '{}' is not known{}; there are 'json' and 'raw' (the "
                               "default: values are not checked)",
                               property.value,
                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
    }
    out_.is_json = property.value == "json";
    return {};
  }

  Status RequireFields(const TableProperty& property) {
    require_position_ = property.key_position;
    out_.require_place = source_.PlaceOf(property.value_position);
    for (const auto part : Split(property.value, ',')) {
      const std::string_view field = Trim(part);
      if (field.empty()) {
        return Wrong(property.value_position,
                     "steelthread.require is a list of field names, as in 'event_type, Host'");
      }
      out_.require.emplace_back(field);
    }
    return {};
  }

  const SourceText& source_;
  Definition& out_;
  std::size_t require_position_ = 0;
};

Result<Definition> Define(const SourceText& source, const StreamingTable& table) {
  Definition definition;
  definition.place = source.PlaceOf(table.name_position);
  definition.name = table.name;
  definition.topics = {table.topic};
  definition.statement =
      source.text().substr(table.select_begin, table.select_end - table.select_begin);
  ST_TRY_STATUS(PropertyReader(source, definition).Read(table));
  ST_TRY(auto translation, Translate(source, table, definition.is_json));
  definition.sql = ToSql(translation.plan);
  definition.mentions = FindMentions(source, table);
  for (const auto& column : translation.columns) {
    definition.columns.push_back({.name = column.name,
                                  .iceberg_type = IcebergName(column.type),
                                  .duckdb_type = DuckDbName(column.type)});
  }
  return definition;
}

// The SQL for a DATE or TIMESTAMP column that refuses times outside the years 0001 to 9999: "CASE
// WHEN x < … OR x > … THEN error(…) ELSE x END AS x".
std::string HeldTime(const DefinedColumn& column) {
  const bool is_date = column.iceberg_type == "date";
  const TypeKind kind = is_date ? TypeKind::kDate : TypeKind::kTimestampTz;
  const auto value = Expression::Column(column.name, {.kind = kind});
  const auto least = Expression::Time(is_date ? "0001-01-01" : "0001-01-01 00:00:00+00", kind);
  const auto most =
      Expression::Time(is_date ? "9999-12-31" : "9999-12-31 23:59:59.999999+00", kind);
  const auto is_outside =
      Expression::Apply(Operator::kOr, {Expression::Apply(Operator::kLess, {value, least}),
                                        Expression::Apply(Operator::kGreater, {value, most})});
  const auto error =
      Expression::Call("error",
                       {Expression::Text(fmt::format(
                           "column '{}': a time outside the years 0001 to 9999", column.name))},
                       value.type);
  return fmt::format("{} AS {}", ToSql(Expression::Case({{is_outside, error}}, value)),
                     ToSql(value));
}

}  // namespace

std::string TableSql(const Definition& definition) {
  bool has_time = false;
  std::string columns;
  for (const auto& column : definition.columns) {
    const bool is_time = column.iceberg_type == "date" || column.iceberg_type == "timestamptz";
    has_time = has_time || is_time;
    columns += columns.empty() ? "" : ", ";
    columns += is_time ? HeldTime(column) : Quoted(column.name, '"');
  }
  if (!has_time) return definition.sql;
  return fmt::format("SELECT {} FROM ({})", columns, definition.sql);
}

Result<std::vector<Definition>> ParsePipelineFile(const std::string& path, std::string_view text) {
  const SourceText source(path, std::string(text));
  ST_TRY(const auto tables, ParseStatements(source));
  std::vector<Definition> definitions;
  for (const auto& table : tables) {
    ST_TRY(auto definition, Define(source, table));
    definitions.push_back(std::move(definition));
  }
  ST_TRY_STATUS(CheckTogether(definitions));
  return definitions;
}

Status CheckTogether(const std::vector<Definition>& definitions) {
  std::map<std::string, std::string> places;
  for (const auto& definition : definitions) {
    const auto [at, is_new] = places.emplace(definition.name, definition.place);
    if (!is_new) {
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: the table '{}' is declared at {} already; give one of them another name",
                  definition.place, definition.name, at->second);
    }
  }
  return {};
}

}  // namespace st::dialect::spark
