#include "lake/schema.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/column_type.h"
#include "base/text.h"
#include "lake/file_names.h"
#include "lake/limits.h"

namespace st::lake {

namespace {

// The name by which DuckDB's COPY takes the id of a struct itself.
constexpr std::string_view kReservedName = "__duckdb_field_id";

Status CheckNames(const std::vector<NestedField>& fields) {
  std::set<std::string> names;
  for (const auto& field : fields) {
    if (field.name.empty() || !IsUtf8(field.name)) {
      return Fail(ErrorCode::kInvalidArgument, "a column's name is empty or not UTF-8");
    }
    const auto lower = AsciiLower(field.name);
    if (lower == kReservedName) {
      return Fail(ErrorCode::kInvalidArgument, "a column cannot have the name \"{}\"", field.name);
    }
    if (!names.insert(lower).second) {
      return Fail(ErrorCode::kInvalidArgument, "there are two columns \"{}\"; give one an alias",
                  field.name);
    }
  }
  return {};
}

Status CheckType(const NestedType& type) {
  if (type.shape == TypeShape::kPrimitive) {
    if (ColumnTypeFromIceberg(type.primitive)) return {};
    return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no type of a table's column",
                type.primitive);
  }
  if (type.fields.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "a struct without fields is no type of a column");
  }
  if (type.shape == TypeShape::kStruct) ST_TRY_STATUS(CheckNames(type.fields));
  for (const auto& field : type.fields) ST_TRY_STATUS(CheckType(field.type));
  return {};
}

std::vector<NestedField> NestedFieldsOf(const iceberg::Schema& schema) {
  std::vector<NestedField> fields;
  for (const auto& field : schema.fields) {
    auto type = ParseType(field.type);
    fields.push_back({.id = field.id,
                      .name = field.name,
                      .type = type ? std::move(*type) : PrimitiveType(field.type),
                      .is_required = field.is_required,
                      .doc = field.doc});
  }
  return fields;
}

std::vector<iceberg::Field> SchemaFieldsOf(const std::vector<NestedField>& fields) {
  std::vector<iceberg::Field> out;
  for (const auto& field : fields) {
    out.push_back({field.id, field.name, TypeText(WithoutFileNames(field.type)), field.is_required,
                   field.doc});
  }
  return out;
}

void ForgetIds(NestedType& type) {
  for (auto& field : type.fields) {
    field.id = 0;
    ForgetIds(field.type);
  }
}

// Nothing inside of a new field has an id yet.
void GiveIds(std::vector<NestedField>& fields, int& last_id) {
  for (auto& field : fields) {
    if (field.id != 0) continue;
    field.id = ++last_id;
    ForgetIds(field.type);
  }
  for (auto& field : fields) GiveIds(field.type.fields, last_id);
}

// Compares the columns that a table is to have with those that it has.
class Changer {
 public:
  // Takes ids and flags of `was` over into `now`, the fields of a struct or the columns.
  Status Match(const std::vector<NestedField>& was, std::vector<NestedField>& now) {
    std::set<int> seen;
    for (auto& field : now) {
      if (field.id == 0) continue;
      const auto found = std::ranges::find(was, field.id, &NestedField::id);
      if (found == was.end() || !seen.insert(field.id).second) {
        return Fail(ErrorCode::kInvalidArgument,
                    "column \"{}\" has the id {}, which is not one of the table's or comes twice",
                    field.name, field.id);
      }
      field.is_required = found->is_required;
      if (const auto same = MatchType(*found, field.type); !same) {
        return std::unexpected(same.error().WithContext(fmt::format("column \"{}\"", field.name)));
      }
    }
    return {};
  }

 private:
  Status MatchType(const NestedField& was, NestedType& now) {
    if (was.type.shape != now.shape) return Different(was.type, now);
    switch (now.shape) {
      case TypeShape::kPrimitive:
        return was.type == now || IsWidening(was.type, now) ? Status() : Different(was.type, now);
      case TypeShape::kStruct:
        return Match(was.type.fields, now.fields);
      case TypeShape::kMap:
        // Two keys that differ now must not become equal.
        if (WithoutIds(was.type.fields[0].type) != WithoutIds(now.fields[0].type)) {
          return Different(was.type, now);
        }
        break;
      case TypeShape::kList:
        break;
    }
    for (std::size_t i = 0; i < now.fields.size(); ++i) {
      now.fields[i].id = was.type.fields[i].id;
      now.fields[i].is_required = was.type.fields[i].is_required;
      ST_TRY_STATUS(MatchType(was.type.fields[i], now.fields[i].type));
    }
    return {};
  }

  static std::unexpected<Error> Different(const NestedType& was, const NestedType& now) {
    return Fail(ErrorCode::kInvalidArgument, "{} cannot become {}", ShownType(was), ShownType(now));
  }
};

// Readers find the type of partition values by the column, in the present schema. It may be wider
// there: no transform that takes the types gives another value of a wider one.
//
// Format: Iceberg spec, Schema Evolution: promotion of a source of a partition field.
Status CheckPartitionColumns(const iceberg::TableMetadata& metadata,
                             const std::vector<NestedField>& fields) {
  const auto before = NestedFieldsOf(*metadata.CurrentSchema());
  for (const auto& spec : metadata.partition_specs) {
    for (const auto& by : spec.fields) {
      const auto was = std::ranges::find(before, by.source_id, &NestedField::id);
      if (was == before.end()) continue;
      const auto now = std::ranges::find(fields, by.source_id, &NestedField::id);
      if (now != fields.end()) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  "column \"{}\" partitions files of the table: it cannot go", was->name);
    }
  }
  return {};
}

// Every version has the columns of its newest snapshot and those of the table.
Status CheckSize(const std::vector<Column>& columns) {
  int last_id = 0;
  const auto bytes = iceberg::EncodeSchema({.id = 0, .fields = FieldsOf(columns, last_id)}).size();
  if (bytes <= kMaxSchemaBytes) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "the names, types and comments of the {} columns are {} bytes of metadata, and a "
              "table has at most {}: shorten comments and names, or leave columns out",
              columns.size(), bytes, kMaxSchemaBytes);
}

}  // namespace

std::vector<NestedField> NestedFieldsOf(const std::vector<Column>& columns) {
  std::vector<NestedField> fields;
  for (const auto& column : columns) {
    auto type = ParseType(column.type);
    fields.push_back({.id = column.id,
                      .name = column.name,
                      .type = type ? std::move(*type) : PrimitiveType(column.type),
                      .doc = column.doc});
  }
  return fields;
}

Status CheckColumns(const std::vector<Column>& columns) {
  if (columns.empty() || columns.size() > kMaxColumns) {
    return Fail(ErrorCode::kInvalidArgument, "a table has 1 to {} columns, not {}", kMaxColumns,
                columns.size());
  }
  ST_TRY_STATUS(CheckNames(NestedFieldsOf(columns)));
  for (const auto& column : columns) {
    const auto type = ParseType(column.type);
    const auto checked = type ? CheckType(*type) : Status(std::unexpected(type.error()));
    if (!checked) {
      return std::unexpected(
          checked.error().WithContext(fmt::format("column \"{}\"", column.name)));
    }
    if (!IsUtf8(column.doc)) {
      return Fail(ErrorCode::kInvalidArgument, "the comment of column \"{}\" is not UTF-8",
                  column.name);
    }
  }
  return CheckSize(columns);
}

bool IsWidening(const NestedType& from, const NestedType& to) {
  const auto was = ColumnTypeFromIceberg(from.primitive);
  const auto now = ColumnTypeFromIceberg(to.primitive);
  if (!was || !now) return false;
  if (was->kind == TypeKind::kInt) return now->kind == TypeKind::kLong;
  if (was->kind == TypeKind::kFloat) return now->kind == TypeKind::kDouble;
  return was->kind == TypeKind::kDecimal && now->kind == TypeKind::kDecimal &&
         was->scale == now->scale && was->precision < now->precision;
}

bool IsSameType(std::string_view a, std::string_view b) {
  if (a == b) return true;
  auto one = ParseType(a);
  auto other = ParseType(b);
  return one && other && WithoutIds(std::move(*one)) == WithoutIds(std::move(*other));
}

std::vector<iceberg::Field> FieldsOf(const std::vector<Column>& columns, int& last_id) {
  auto fields = NestedFieldsOf(columns);
  GiveIds(fields, last_id);
  return SchemaFieldsOf(fields);
}

Result<std::vector<iceberg::Field>> ChangedFields(const iceberg::TableMetadata& metadata,
                                                  const std::vector<Column>& columns,
                                                  int& last_id) {
  auto fields = NestedFieldsOf(columns);
  ST_TRY_STATUS(Changer().Match(NestedFieldsOf(*metadata.CurrentSchema()), fields));
  ST_TRY_STATUS(CheckPartitionColumns(metadata, fields));
  GiveIds(fields, last_id);
  return SchemaFieldsOf(fields);
}

void SetFields(std::vector<iceberg::Field> fields, iceberg::TableMetadata& metadata) {
  const auto same = std::ranges::find(metadata.schemas, fields, &iceberg::Schema::fields);
  if (same != metadata.schemas.end()) {
    metadata.current_schema_id = same->id;
    return;
  }
  iceberg::Schema schema{.id = 0, .fields = std::move(fields)};
  for (const auto& each : metadata.schemas) schema.id = std::max(schema.id, each.id + 1);
  metadata.current_schema_id = schema.id;
  metadata.schemas.push_back(std::move(schema));
}

std::vector<Column> ColumnsOf(const iceberg::TableMetadata& metadata, std::string_view file_names) {
  const auto& schema = *metadata.CurrentSchema();
  const bool is_nested = std::ranges::any_of(
      schema.fields, [](const auto& field) { return field.type.starts_with('{'); });
  std::optional<FileNames> names;
  if (is_nested) {
    if (auto read = FileNames::Of(metadata, file_names)) names = std::move(*read);
  }
  std::vector<Column> columns;
  for (const auto& field : schema.fields) {
    Column column{.id = field.id, .name = field.name, .type = field.type, .doc = field.doc};
    auto type = ParseType(field.type);
    if (names && type) {
      names->Set(*type);
      column.type = TypeText(*type);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace st::lake
