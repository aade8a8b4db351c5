#include "dialect/spark/definition.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/column_type.h"
#include "base/mistakes.h"
#include "base/quote.h"
#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/plan.h"
#include "dialect/spark/column_list.h"
#include "dialect/spark/layout.h"
#include "dialect/spark/parser.h"
#include "dialect/spark/translate.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

constexpr std::string_view kPrefix = "steelthread.";
// Where Iceberg's Spark catalog shows the order of a table.
constexpr std::string_view kSortOrder = "sort-order";
constexpr const char* kComment = "comment";

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

// Reads "price AS cost, `a, b`, s.c" from the front: names up to a comma or AS, in backticks where
// they have one of these.
class NameReader {
 public:
  explicit NameReader(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  // "": none stands here. nullopt: its backtick is not closed.
  std::optional<std::string> TakeName() {
    std::string name;
    std::size_t quoted = 0;  // bytes of the name up to its last backtick
    bool is_open = false;
    while (!text_.empty() && (is_open || !(text_.front() == ',' || IsAs()))) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c != '`') {
        if (is_open || !name.empty() || !IsSpace(c)) name.push_back(c);
        continue;
      }
      if (is_open && text_.starts_with('`')) {
        name.push_back('`');
        text_.remove_prefix(1);
        continue;
      }
      is_open = !is_open;
      quoted = name.size();
    }
    while (name.size() > quoted && IsSpace(name.back())) name.pop_back();
    return is_open ? std::nullopt : std::optional(std::move(name));
  }
  bool TakeComma() {
    if (!text_.starts_with(',')) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeAs() {
    if (!IsAs()) return false;
    text_.remove_prefix(kAs);
    return true;
  }

 private:
  static constexpr std::size_t kAs = 4;  // bytes of AS with a space on both sides

  static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  bool IsAs() const {
    return text_.size() >= kAs && IsSpace(text_[0]) && EqualsIgnoreCase(text_.substr(1, 2), "as") &&
           IsSpace(text_[3]);
  }

  std::string_view text_;
};

class PropertyReader {
 public:
  PropertyReader(const SourceText& source, Definition& out) : source_(source), out_(out) {}

  // nullptr: there is none.
  const TableProperty* sort_order() const { return sort_order_; }

  Status Read(const StreamingTable& table) {
    if (!table.comment.empty()) out_.properties[kComment] = table.comment;
    std::map<std::string, std::size_t> seen;
    for (const auto& property : table.properties) {
      if (!seen.emplace(property.key, property.key_position).second) {
        return Wrong(property.key_position,
                     fmt::format("property '{}' is given twice", property.key));
      }
      if (property.key == kComment && !table.comment.empty()) {
        return Wrong(property.key_position, "COMMENT and 'comment' say the same; keep one of them");
      }
      if (AsciiLower(property.key).starts_with(kPrefix)) {
        ST_TRY_STATUS(ReadOwnProperty(property));
      } else if (property.key == kSortOrder) {
        if (!table.cluster.empty()) {
          return Wrong(property.key_position,
                       "CLUSTER BY and 'sort-order' say the same; keep one of them");
        }
        sort_order_ = &property;
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

  Status ReadOwnProperty(const TableProperty& property) {
    static const std::vector<std::string> keys = {"steelthread.trigger", "steelthread.format",
                                                  "steelthread.require", "steelthread.rename",
                                                  "steelthread.drop"};
    if (property.key == keys[0]) return Trigger(property);
    if (property.key == keys[1]) return Format(property);
    if (property.key == keys[2]) return RequireFields(property);
    if (property.key == keys[3]) return RenameColumns(property);
    if (property.key == keys[4]) return DropColumns(property);
    const auto nearest = NearestName(AsciiLower(property.key), keys);
    return Wrong(property.key_position,
                 fmt::format("property '{}' is not known{}; there are {}", property.key,
                             nearest ? fmt::format("; did you mean '{}'?", *nearest) : "",
                             fmt::join(keys, ", ")));
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

  Status RenameColumns(const TableProperty& property) {
    const auto wrong = [&] {
      return Wrong(property.value_position,
                   "steelthread.rename is a list of columns with their new names, as in 'price AS "
                   "cost, address.zip AS code, `a, b` AS c'");
    };
    NameReader names(property.value);
    do {
      auto old = names.TakeName();
      if (!old || old->empty() || !names.TakeAs()) return wrong();
      auto renamed = names.TakeName();
      if (!renamed || renamed->empty()) return wrong();
      out_.renames.emplace_back(*std::move(old), *std::move(renamed));
    } while (names.TakeComma());
    if (!names.at_end()) return wrong();
    // Once done, a chain or a swap could not be told from one that is still to do.
    for (const auto& [old, renamed] : out_.renames) {
      const auto is_old = std::ranges::any_of(
          out_.renames, [&](const auto& other) { return EqualsIgnoreCase(other.first, renamed); });
      if (!is_old) continue;
      return Wrong(
          property.value_position,
          fmt::format("steelthread.rename has {} as an old name and as a new one: rename in "
                      "two steps, with a reload between them",
                      renamed));
    }
    return {};
  }

  Status DropColumns(const TableProperty& property) {
    const auto wrong = [&] {
      return Wrong(property.value_position,
                   "steelthread.drop is a list of the table's columns, as in 'price, address.zip, "
                   "`a, b`'");
    };
    NameReader names(property.value);
    do {
      auto column = names.TakeName();
      if (!column || column->empty()) return wrong();
      out_.drops.push_back(*std::move(column));
    } while (names.TakeComma());
    return names.at_end() ? Status() : wrong();
  }

  const SourceText& source_;
  Definition& out_;
  std::size_t require_position_ = 0;
  const TableProperty* sort_order_ = nullptr;
};

std::string TextOf(const SourceText& source, const Query& query) {
  return std::string(source.text().substr(query.begin, query.end - query.begin));
}

Result<Definition> Define(const SourceText& source, const StreamingTable& table,
                          const std::vector<NamedQuery>& views) {
  Definition definition;
  definition.place = source.PlaceOf(table.name_position);
  definition.name = table.name;
  PropertyReader properties(source, definition);
  Mistakes mistakes;
  mistakes.Add(properties.Read(table));
  auto translated = Translate(source, table.query, views, definition.is_json);
  mistakes.Add(translated);
  ST_TRY_STATUS(mistakes.AsStatus());
  const auto& translation = *translated;
  definition.sql = ToSql(translation.plan);
  definition.topics = translation.topics;
  for (const auto& constant : translation.constants) {
    definition.constants.push_back({.sql = ToSql(constant.value),
                                    .place = source.PlaceOf(constant.position),
                                    .excerpt = source.ExcerptAt(constant.position)});
  }
  // A change of a view is a change of the pipeline.
  definition.statement = TextOf(source, table.query);
  for (const auto* view : translation.views) {
    definition.statement += fmt::format("; {} AS {}", view->name, TextOf(source, *view->query));
  }
  definition.mentions = FindMentions(source, table);
  ST_TRY(auto comments, CommentsOf(source, table, translation.columns));
  for (const auto& column : translation.columns) {
    definition.columns.push_back({.name = column.name,
                                  .iceberg_type = TypeText(column.type),
                                  .duckdb_type = DuckDbName(column.type),
                                  .comment = std::move(comments[definition.columns.size()])});
  }
  const auto columns = LayoutColumnsOf(definition);
  ST_TRY(definition.layout.partition, ResolvePartition(source, table.partition, columns));
  ST_TRY(definition.layout.sort, ResolveSort(source, table.cluster, columns));
  if (const auto* order = properties.sort_order()) {
    const auto place = fmt::format("{}: '{}'", source.PlaceOf(order->value_position), kSortOrder);
    ST_TRY(definition.layout.sort, SortFromText(place, order->value, columns));
  }
  return definition;
}

// SELECT * FROM STREAM(view)
Query AllOf(const NamedQuery& view) {
  Query all;
  SelectStatement select;
  SelectItem star;
  star.expr = Make(ExprKind::kStar, view.position);
  select.items.push_back(std::move(star));
  select.from.name = view.name;
  select.from.position = view.position;
  select.position = view.position;
  all.selects.push_back(std::move(select));
  all.begin = view.query->begin;
  return all;
}

// Whether the views have names of their own and mean something, read or not.
void CheckViews(const SourceText& source, const Statements& statements, Mistakes& mistakes) {
  std::map<std::string, std::size_t> seen;
  for (const auto& table : statements.tables) seen[table.name] = table.name_position;
  for (const auto& view : statements.views) {
    const auto [at, is_new] = seen.emplace(AsciiLower(view.name), view.position);
    if (!is_new) {
      mistakes.Add(Status(std::unexpected(
          source.At(view.position, fmt::format("'{}' is declared at {} already; give one of them "
                                               "another name",
                                               view.name, source.PlaceOf(at->second))))));
    }
    mistakes.Add(Translate(source, AllOf(view), statements.views, false));
  }
}

// The SQL for a DATE or TIMESTAMP column that refuses times outside the years 0001 to 9999: "CASE
// WHEN x < … OR x > … THEN error(…) ELSE x END AS x".
std::string HeldTime(const DefinedColumn& column) {
  const bool is_date = column.iceberg_type == "date";
  const bool has_zone = column.iceberg_type == "timestamptz";
  const TypeKind kind = is_date    ? TypeKind::kDate
                        : has_zone ? TypeKind::kTimestampTz
                                   : TypeKind::kTimestamp;
  const auto value = Expression::Column(column.name, {.kind = kind});
  const std::string zone = has_zone ? "+00" : "";
  const auto least = Expression::Time(is_date ? "0001-01-01" : "0001-01-01 00:00:00" + zone, kind);
  const auto most =
      Expression::Time(is_date ? "9999-12-31" : "9999-12-31 23:59:59.999999" + zone, kind);
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

std::vector<LayoutColumn> LayoutColumnsOf(const Definition& definition) {
  std::vector<LayoutColumn> columns;
  for (const auto& column : definition.columns) {
    columns.push_back(
        {column.name, ColumnTypeFromIceberg(column.iceberg_type).value_or(ColumnType())});
  }
  return columns;
}

std::string TableSql(const Definition& definition) {
  bool has_time = false;
  std::string columns;
  for (const auto& column : definition.columns) {
    const bool is_time = column.iceberg_type == "date" || column.iceberg_type == "timestamp" ||
                         column.iceberg_type == "timestamptz";
    has_time = has_time || is_time;
    columns += columns.empty() ? "" : ", ";
    columns += is_time ? HeldTime(column) : Quoted(column.name, '"');
  }
  if (!has_time) return definition.sql;
  return fmt::format("SELECT {} FROM ({})", columns, definition.sql);
}

PipelineFile ReadPipelineFile(const std::string& path, std::string_view text) {
  PipelineFile file;
  Mistakes mistakes;
  const SourceText source(path, std::string(text));
  const auto statements = ParseStatements(source);
  mistakes.Add(statements);
  if (statements) {
    for (const auto& mistake : statements->mistakes) mistakes.Add(Status(std::unexpected(mistake)));
    CheckViews(source, *statements, mistakes);
    for (const auto& table : statements->tables) {
      auto definition = Define(source, table, statements->views);
      if (mistakes.Add(definition)) file.definitions.push_back(*std::move(definition));
    }
  }
  mistakes.Add(CheckTogether(file.definitions));
  file.mistakes = mistakes.AsStatus();
  return file;
}

Result<std::vector<Definition>> ParsePipelineFile(const std::string& path, std::string_view text) {
  auto file = ReadPipelineFile(path, text);
  ST_TRY_STATUS(file.mistakes);
  return std::move(file.definitions);
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
