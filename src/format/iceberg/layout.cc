#include "format/iceberg/layout.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ranges>
#include <utility>

#include "base/coding.h"
#include "format/iceberg/json_reader.h"
#include "format/iceberg/table_metadata.h"

namespace st::iceberg {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kAscending = "asc";
constexpr const char* kDescending = "desc";
constexpr const char* kNullsFirst = "nulls-first";
constexpr const char* kNullsLast = "nulls-last";

Result<PartitionTransform> TransformFrom(const JsonReader& json) {
  ST_TRY(const auto name, json.Text("transform"));
  if (const auto transform = TransformFromIceberg(name)) return *transform;
  return Fail(ErrorCode::kUnsupported, "the transform \"{}\" is not known", name);
}

// nullopt: no schema has it.
std::optional<ColumnType> TypeOfColumn(int id, const std::vector<Schema>& schemas) {
  for (const auto& schema : schemas | std::views::reverse) {
    const auto found = std::ranges::find(schema.fields, id, &Field::id);
    if (found != schema.fields.end()) return ColumnTypeFromIceberg(found->type);
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<PartitionFieldType>> TypesOf(const PartitionSpec& spec,
                                                const std::vector<Schema>& schemas) {
  std::vector<PartitionFieldType> types;
  for (const auto& field : spec.fields) {
    auto source = TypeOfColumn(field.source_id, schemas);
    if (!source && field.transform.kind == TransformKind::kVoid) {
      source = ColumnType{.kind = TypeKind::kString};
    }
    const auto result =
        source ? ResultTypeOf(field.transform, *source)
               : Fail(ErrorCode::kUnsupported, "no schema has its column {}", field.source_id);
    if (!result) {
      return Fail(ErrorCode::kUnsupported, "partition spec {}, field \"{}\": {}", spec.id,
                  field.name, result.error().message());
    }
    types.push_back({.source = *source, .result = *result});
  }
  return types;
}

std::string ValueAs(const ColumnType& type, std::string_view value) {
  std::string wide;
  if (value.size() == sizeof(std::int32_t) && type.kind == TypeKind::kLong) {
    AppendLittle(wide, std::int64_t{LoadLittle<std::int32_t>(value)});
    return wide;
  }
  if (value.size() == sizeof(float) && type.kind == TypeKind::kDouble) {
    const auto number = std::bit_cast<float>(LoadLittle<std::uint32_t>(value));
    AppendLittle(wide, std::bit_cast<std::uint64_t>(double{number}));
    return wide;
  }
  return std::string(value);
}

Json FieldsJson(const PartitionSpec& spec) {
  auto fields = Json::array();
  for (const auto& field : spec.fields) {
    fields.push_back({{"name", field.name},
                      {"transform", IcebergName(field.transform)},
                      {"source-id", field.source_id},
                      {"field-id", field.field_id}});
  }
  return fields;
}

Json ToJson(const PartitionSpec& spec) {
  return {{"spec-id", spec.id}, {"fields", FieldsJson(spec)}};
}

Json ToJson(const SortOrder& order) {
  auto fields = Json::array();
  for (const auto& field : order.fields) {
    fields.push_back({{"transform", IcebergName(field.transform)},
                      {"source-id", field.source_id},
                      {"direction", field.is_descending ? kDescending : kAscending},
                      {"null-order", field.has_nulls_last ? kNullsLast : kNullsFirst}});
  }
  return {{"order-id", order.id}, {"fields", std::move(fields)}};
}

Result<PartitionSpec> PartitionSpecFrom(const JsonReader& json) {
  PartitionSpec spec;
  ST_TRY(spec.id, json.Int("spec-id"));
  ST_TRY(const auto fields, json.List("fields"));
  for (const auto& item : fields) {
    PartitionField field;
    ST_TRY(field.source_id, item.Int("source-id"));
    ST_TRY(field.field_id, item.Int("field-id"));
    ST_TRY(field.name, item.Text("name"));
    ST_TRY(field.transform, TransformFrom(item));
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

Result<SortOrder> SortOrderFrom(const JsonReader& json) {
  SortOrder order;
  ST_TRY(order.id, json.Int("order-id"));
  ST_TRY(const auto fields, json.List("fields"));
  for (const auto& item : fields) {
    SortField field;
    ST_TRY(field.source_id, item.Int("source-id"));
    ST_TRY(field.transform, TransformFrom(item));
    ST_TRY(const auto direction, item.Text("direction"));
    ST_TRY(const auto nulls, item.Text("null-order"));
    field.is_descending = direction == kDescending;
    field.has_nulls_last = nulls == kNullsLast;
    order.fields.push_back(field);
  }
  return order;
}

}  // namespace st::iceberg
