#include "sql/chunk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "sql/native.h"

namespace st::sql {
namespace {

duckdb_vector Native(void* vector) { return static_cast<duckdb_vector>(vector); }

std::string_view PlainName(TypeId id) {
  switch (id) {
    case TypeId::kBoolean:
      return "BOOLEAN";
    case TypeId::kTinyint:
      return "TINYINT";
    case TypeId::kSmallint:
      return "SMALLINT";
    case TypeId::kInteger:
      return "INTEGER";
    case TypeId::kBigint:
      return "BIGINT";
    case TypeId::kUtinyint:
      return "UTINYINT";
    case TypeId::kUsmallint:
      return "USMALLINT";
    case TypeId::kUinteger:
      return "UINTEGER";
    case TypeId::kUbigint:
      return "UBIGINT";
    case TypeId::kFloat:
      return "FLOAT";
    case TypeId::kDouble:
      return "DOUBLE";
    case TypeId::kTimestamp:
      return "TIMESTAMP";
    case TypeId::kDate:
      return "DATE";
    case TypeId::kTime:
      return "TIME";
    case TypeId::kInterval:
      return "INTERVAL";
    case TypeId::kHugeint:
      return "HUGEINT";
    case TypeId::kVarchar:
      return "VARCHAR";
    case TypeId::kBlob:
      return "BLOB";
    case TypeId::kTimestampS:
      return "TIMESTAMP_S";
    case TypeId::kTimestampMs:
      return "TIMESTAMP_MS";
    case TypeId::kTimestampNs:
      return "TIMESTAMP_NS";
    case TypeId::kUuid:
      return "UUID";
    case TypeId::kBit:
      return "BIT";
    case TypeId::kTimeTz:
      return "TIME WITH TIME ZONE";
    case TypeId::kTimestampTz:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeId::kUhugeint:
      return "UHUGEINT";
    case TypeId::kBignum:
      return "BIGNUM";
    case TypeId::kNull:
      return "\"NULL\"";
    default:
      return "INVALID";
  }
}

void AddMembers(duckdb_logical_type native, Type& type) {
  const bool is_struct = type.id == TypeId::kStruct;
  const idx_t count =
      is_struct ? duckdb_struct_type_child_count(native) : duckdb_union_type_member_count(native);
  for (idx_t i = 0; i < count; ++i) {
    type.names.push_back(TakeText(is_struct ? duckdb_struct_type_child_name(native, i)
                                            : duckdb_union_type_member_name(native, i)));
    type.children.push_back(TypeFrom(is_struct ? duckdb_struct_type_child_type(native, i)
                                               : duckdb_union_type_member_type(native, i)));
  }
}

std::string Members(const Type& type) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    parts.push_back(fmt::format("\"{}\" {}", type.names[i], type.children[i].ToString()));
  }
  return fmt::format("({})", fmt::join(parts, ", "));
}

}  // namespace

std::string TakeText(char* text) {
  std::string out = text == nullptr ? "" : text;
  duckdb_free(text);
  return out;
}

duckdb_logical_type NativeType(TypeId id) {
  return duckdb_create_logical_type(static_cast<duckdb_type>(id));
}

duckdb_logical_type NativeType(const Type& type) {
  std::vector<duckdb_logical_type> parts;
  for (const auto& child : type.children) parts.push_back(NativeType(child));
  std::vector<const char*> names;
  for (const auto& name : type.names) names.push_back(name.c_str());
  duckdb_logical_type made = nullptr;
  switch (type.id) {
    case TypeId::kDecimal:
      made = duckdb_create_decimal_type(static_cast<std::uint8_t>(type.width),
                                        static_cast<std::uint8_t>(type.scale));
      break;
    case TypeId::kList:
      made = duckdb_create_list_type(parts.at(0));
      break;
    case TypeId::kMap:
      made = duckdb_create_map_type(parts.at(0), parts.at(1));
      break;
    case TypeId::kStruct:
      made = duckdb_create_struct_type(parts.data(), names.data(), parts.size());
      break;
    default:
      made = NativeType(type.id);
  }
  for (auto& part : parts) duckdb_destroy_logical_type(&part);
  return made;
}

Type TypeFrom(duckdb_logical_type native) {
  Type type;
  if (native == nullptr) return type;
  type.id = static_cast<TypeId>(duckdb_get_type_id(native));
  type.alias = TakeText(duckdb_logical_type_get_alias(native));
  switch (type.id) {
    case TypeId::kDecimal:
      type.width = duckdb_decimal_width(native);
      type.scale = duckdb_decimal_scale(native);
      type.storage = static_cast<TypeId>(duckdb_decimal_internal_type(native));
      break;
    case TypeId::kEnum:
      type.storage = static_cast<TypeId>(duckdb_enum_internal_type(native));
      for (std::uint32_t i = 0; i < duckdb_enum_dictionary_size(native); ++i) {
        type.names.push_back(TakeText(duckdb_enum_dictionary_value(native, i)));
      }
      break;
    case TypeId::kList:
      type.children.push_back(TypeFrom(duckdb_list_type_child_type(native)));
      break;
    case TypeId::kArray:
      type.array_size = duckdb_array_type_array_size(native);
      type.children.push_back(TypeFrom(duckdb_array_type_child_type(native)));
      break;
    case TypeId::kMap:
      type.children.push_back(TypeFrom(duckdb_map_type_key_type(native)));
      type.children.push_back(TypeFrom(duckdb_map_type_value_type(native)));
      break;
    case TypeId::kStruct:
    case TypeId::kUnion:
      AddMembers(native, type);
      break;
    default:
      break;
  }
  duckdb_destroy_logical_type(&native);
  return type;
}

std::string Type::ToString() const {
  if (!alias.empty()) return alias;
  switch (id) {
    case TypeId::kDecimal:
      return fmt::format("DECIMAL({},{})", width, scale);
    case TypeId::kEnum:
      return fmt::format("ENUM('{}')", fmt::join(names, "', '"));
    case TypeId::kList:
      return children[0].ToString() + "[]";
    case TypeId::kArray:
      return fmt::format("{}[{}]", children[0].ToString(), array_size);
    case TypeId::kMap:
      return fmt::format("MAP({}, {})", children[0].ToString(), children[1].ToString());
    case TypeId::kStruct:
      return "STRUCT" + Members(*this);
    case TypeId::kUnion:
      return "UNION" + Members(*this);
    default:
      return std::string(PlainName(id));
  }
}

bool VectorView::IsNull(std::uint64_t row) const {
  std::uint64_t* validity = duckdb_vector_get_validity(Native(vector_));
  return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
}

const void* VectorView::Data() const { return duckdb_vector_get_data(Native(vector_)); }

std::string_view VectorView::StringAt(std::uint64_t row) const {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(Native(vector_)));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

VectorView::Range VectorView::ListAt(std::uint64_t row) const {
  const auto* entries = static_cast<const duckdb_list_entry*>(Data());
  return {entries[row].offset, entries[row].length};
}

VectorView VectorView::Elements() const {
  return VectorView(duckdb_list_vector_get_child(Native(vector_)));
}

VectorView VectorView::ArrayElements() const {
  return VectorView(duckdb_array_vector_get_child(Native(vector_)));
}

VectorView VectorView::Member(std::uint64_t index) const {
  return VectorView(duckdb_struct_vector_get_child(Native(vector_), index));
}

Chunk::Chunk(Chunk&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}

Chunk& Chunk::operator=(Chunk&& other) noexcept {
  std::swap(chunk_, other.chunk_);
  return *this;
}

Chunk::~Chunk() {
  auto native = static_cast<duckdb_data_chunk>(chunk_);
  if (native != nullptr) duckdb_destroy_data_chunk(&native);
}

std::uint64_t Chunk::rows() const {
  return duckdb_data_chunk_get_size(static_cast<duckdb_data_chunk>(chunk_));
}

std::uint64_t Chunk::columns() const {
  return duckdb_data_chunk_get_column_count(static_cast<duckdb_data_chunk>(chunk_));
}

VectorView Chunk::Column(std::uint64_t index) const {
  return VectorView(duckdb_data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk_), index));
}

}  // namespace st::sql
