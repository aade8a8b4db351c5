#include "lake/layout.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace st::lake {

namespace {

std::vector<LayoutColumn> LayoutColumns(const std::vector<Column>& columns) {
  std::vector<LayoutColumn> out;
  for (const auto& column : columns) {
    out.push_back({column.name, ColumnTypeFromIceberg(column.type).value_or(ColumnType())});
  }
  return out;
}

std::vector<Column> CurrentColumns(const iceberg::TableMetadata& metadata) {
  std::vector<Column> columns;
  for (const auto& field : metadata.CurrentSchema()->fields) {
    columns.push_back({field.id, field.name, field.type});
  }
  return columns;
}

const iceberg::Field* FieldOfId(const iceberg::Schema& schema, int id) {
  const auto found = std::ranges::find(schema.fields, id, &iceberg::Field::id);
  return found == schema.fields.end() ? nullptr : &*found;
}

int IdOfName(const iceberg::Schema& schema, std::string_view name) {
  return std::ranges::find(schema.fields, name, &iceberg::Field::name)->id;
}

// Specs of different times may be shown together, so one name stands for one transform. A column
// has a name of its own unless it is the field.
std::string FreeName(const PartitionBy& by, int source_id, const iceberg::TableMetadata& metadata) {
  const auto is_taken = [&](const std::string& name) {
    for (const auto& column : metadata.CurrentSchema()->fields) {
      const bool is_field = column.id == source_id && by.transform.kind == TransformKind::kIdentity;
      if (EqualsIgnoreCase(column.name, name) && !is_field) return true;
    }
    for (const auto& spec : metadata.partition_specs) {
      for (const auto& field : spec.fields) {
        const bool is_same = field.source_id == source_id && field.transform == by.transform;
        if (field.name == name && !is_same) return true;
      }
    }
    return false;
  };
  auto name = FieldNameOf(by.transform, by.column);
  if (is_taken(name) && by.transform.parameter != 0) {
    name += fmt::format("_{}", by.transform.parameter);
  }
  if (is_taken(name)) name += fmt::format("_{}", metadata.last_partition_id + 1);
  return name;
}

// The field of an earlier spec that is equivalent, or a new one.
iceberg::PartitionField FieldFor(const PartitionBy& by, iceberg::TableMetadata& metadata) {
  const int source = IdOfName(*metadata.CurrentSchema(), by.column);
  for (const auto& spec : metadata.partition_specs) {
    for (const auto& field : spec.fields) {
      if (field.source_id == source && field.transform == by.transform) return field;
    }
  }
  auto name = FreeName(by, source, metadata);
  return {.source_id = source,
          .field_id = ++metadata.last_partition_id,
          .name = std::move(name),
          .transform = by.transform};
}

// Of a column that has other types in other schemas, the current one counts: a rollback brings a
// narrower type back.
std::vector<iceberg::Schema> CurrentLast(const iceberg::TableMetadata& metadata) {
  auto schemas = metadata.schemas;
  const auto current = std::ranges::find(schemas, metadata.current_schema_id, &iceberg::Schema::id);
  if (current != schemas.end()) std::rotate(current, current + 1, schemas.end());
  return schemas;
}

template <typename T>
int NextId(const std::vector<T>& list) {
  int id = 0;
  for (const auto& each : list) id = std::max(id, each.id + 1);
  return id;
}

void SetSpec(const std::vector<PartitionBy>& partition, iceberg::TableMetadata& metadata) {
  iceberg::PartitionSpec spec{.id = NextId(metadata.partition_specs), .fields = {}};
  for (const auto& by : partition) spec.fields.push_back(FieldFor(by, metadata));
  const auto same =
      std::ranges::find(metadata.partition_specs, spec.fields, &iceberg::PartitionSpec::fields);
  if (same != metadata.partition_specs.end()) {
    metadata.default_spec_id = same->id;
    return;
  }
  metadata.default_spec_id = spec.id;
  metadata.partition_specs.push_back(std::move(spec));
}

void SetOrder(const std::vector<SortBy>& sort, iceberg::TableMetadata& metadata) {
  iceberg::SortOrder order{.id = std::max(NextId(metadata.sort_orders), 1), .fields = {}};
  for (const auto& by : sort) {
    order.fields.push_back({.source_id = IdOfName(*metadata.CurrentSchema(), by.column),
                            .transform = {},
                            .is_descending = by.is_descending,
                            .has_nulls_last = by.has_nulls_last});
  }
  const auto same =
      std::ranges::find(metadata.sort_orders, order.fields, &iceberg::SortOrder::fields);
  if (same != metadata.sort_orders.end()) {
    metadata.default_sort_order_id = same->id;
    return;
  }
  metadata.default_sort_order_id = order.id;
  metadata.sort_orders.push_back(std::move(order));
}

}  // namespace

Status CheckLayout(const TableLayout& layout, const std::vector<Column>& columns) {
  return st::CheckLayout(layout, LayoutColumns(columns));
}

Status SetLayout(const TableLayout& layout, iceberg::TableMetadata& metadata) {
  ST_TRY_STATUS(CheckLayout(layout, CurrentColumns(metadata)));
  SetSpec(layout.partition, metadata);
  SetOrder(layout.sort, metadata);
  return {};
}

void FitLayout(iceberg::TableMetadata& metadata) {
  const auto layout = LayoutOf(metadata);
  const auto& spec = metadata.CurrentSpec();
  const auto& order = metadata.CurrentSortOrder();
  if (layout.partition.size() != spec.fields.size()) SetSpec(layout.partition, metadata);
  if (layout.sort.size() != order.fields.size()) SetOrder(layout.sort, metadata);
}

TableLayout LayoutOf(const iceberg::TableMetadata& metadata) {
  TableLayout layout;
  const auto& schema = *metadata.CurrentSchema();
  for (const auto& field : metadata.CurrentSpec().fields) {
    const auto* source = FieldOfId(schema, field.source_id);
    if (source == nullptr || field.transform.kind == TransformKind::kVoid) continue;
    layout.partition.push_back({.column = source->name, .transform = field.transform});
  }
  for (const auto& field : metadata.CurrentSortOrder().fields) {
    const auto* source = FieldOfId(schema, field.source_id);
    if (source == nullptr || field.transform.kind != TransformKind::kIdentity) continue;
    layout.sort.push_back({.column = source->name,
                           .is_descending = field.is_descending,
                           .has_nulls_last = field.has_nulls_last});
  }
  return layout;
}

std::vector<PartitionSpec> SpecsOf(const iceberg::TableMetadata& metadata) {
  std::vector<PartitionSpec> specs;
  const auto schemas = CurrentLast(metadata);
  for (const auto& spec : metadata.partition_specs) {
    const auto types = iceberg::TypesOf(spec, schemas);
    if (!types) continue;  // such metadata is refused when it is read
    PartitionSpec out{.id = spec.id, .fields = {}};
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
      const auto& field = spec.fields[i];
      const auto* source = FieldOfId(*metadata.CurrentSchema(), field.source_id);
      out.fields.push_back({.id = field.field_id,
                            .name = field.name,
                            .column_id = field.source_id,
                            .column = source == nullptr ? "" : source->name,
                            .transform = field.transform,
                            .source = (*types)[i].source,
                            .result = (*types)[i].result});
    }
    specs.push_back(std::move(out));
  }
  return specs;
}

std::string NameClash(const std::vector<Column>& columns, const std::vector<PartitionSpec>& specs) {
  for (const auto& column : columns) {
    for (const auto& spec : specs) {
      for (const auto& field : spec.fields) {
        const bool is_field =
            field.column_id == column.id && field.transform.kind == TransformKind::kIdentity;
        if (field.transform.kind == TransformKind::kVoid || is_field) continue;
        if (!EqualsIgnoreCase(field.name, column.name)) continue;
        return fmt::format(
            "column {} has the name of a partition field that the table has or had ({}): choose "
            "another name",
            column.name,
            st::Describe(field.transform,
                         field.column.empty() ? "a column that left" : field.column));
      }
    }
  }
  return "";
}

Status CheckFieldNames(const iceberg::TableMetadata& metadata) {
  const auto clash = NameClash(CurrentColumns(metadata), SpecsOf(metadata));
  if (clash.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, "{}", clash);
}

Result<iceberg::ManifestHead> HeadOf(const iceberg::TableMetadata& metadata, int spec_id) {
  const auto* spec = metadata.FindSpec(spec_id);
  if (spec == nullptr) {
    return Fail(ErrorCode::kCorruption, "the table has no partition spec {}", spec_id);
  }
  ST_TRY(auto types, iceberg::TypesOf(*spec, CurrentLast(metadata)));
  return iceberg::ManifestHead{
      .schema = *metadata.CurrentSchema(), .spec = *spec, .types = std::move(types)};
}

}  // namespace st::lake
