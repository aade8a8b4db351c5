#include "base/nested_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/column_type.h"
#include "base/quote.h"
#include "base/text.h"

namespace st {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kFileName = "file-name";

const Json* Find(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

std::unexpected<Error> Wrong(std::string_view shape, std::string_view key, std::string_view want) {
  return Fail(ErrorCode::kInvalidArgument, "the type {} has a \"{}\" that is not {}", shape, key,
              want);
}

// Reads the JSON of one type; counts its fields.
class TypeReader {
 public:
  Result<NestedType> Read(const Json& json, int depth) {
    if (json.is_string() && !json.get_ref<const std::string&>().starts_with('{')) {
      return PrimitiveType(json.get_ref<const std::string&>());
    }
    if (!json.is_object()) {
      return Fail(ErrorCode::kInvalidArgument, "a type is neither a name nor an object");
    }
    if (depth > kMaxTypeDepth) {
      return Fail(ErrorCode::kInvalidArgument, "a type is nested more than {} levels deep",
                  kMaxTypeDepth);
    }
    const auto* shape = Find(json, "type");
    if (shape == nullptr || !shape->is_string()) {
      return Fail(ErrorCode::kInvalidArgument, "a nested type has no \"type\"");
    }
    const auto& name = shape->get_ref<const std::string&>();
    if (name == "struct") return Struct(json, depth);
    if (name == "list") {
      ST_TRY(auto element, Part(json, {"list", "element"}, depth));
      return NestedType{.shape = TypeShape::kList, .primitive = {}, .fields = {std::move(element)}};
    }
    if (name == "map") {
      ST_TRY(auto key, Part(json, {"map", "key"}, depth));
      key.is_required = true;
      ST_TRY(auto value, Part(json, {"map", "value"}, depth));
      return NestedType{
          .shape = TypeShape::kMap, .primitive = {}, .fields = {std::move(key), std::move(value)}};
    }
    return Fail(ErrorCode::kInvalidArgument, "a type is of the shape \"{}\", not struct, list, map",
                name);
  }

 private:
  // The element of a list, or the key or value of a map.
  struct PartName {
    std::string shape;
    std::string part;
  };

  Status Count() {
    if (++fields_ <= kMaxTypeFields) return {};
    return Fail(ErrorCode::kInvalidArgument, "a type has more than {} nested fields",
                kMaxTypeFields);
  }

  static Result<int> Id(const Json& json, std::string_view shape, const std::string& key) {
    const auto* id = Find(json, key.c_str());
    if (id == nullptr || !id->is_number_integer()) return Wrong(shape, key, "an id");
    // A number above INT64_MAX would change its sign.
    const bool is_small = !id->is_number_unsigned() || id->get<std::uint64_t>() <= INT32_MAX;
    const auto value = is_small ? id->get<std::int64_t>() : -1;
    if (value < 0 || value > INT32_MAX) return Wrong(shape, key, "an id");
    return static_cast<int>(value);
  }

  static Result<bool> Flag(const Json& json, std::string_view shape, const std::string& key) {
    const auto* flag = Find(json, key.c_str());
    if (flag == nullptr || !flag->is_boolean()) return Wrong(shape, key, "true or false");
    return flag->get<bool>();
  }

  Result<NestedField> Part(const Json& json, const PartName& name, int depth) {
    ST_TRY_STATUS(Count());
    NestedField field{.name = name.part, .type = {}, .doc = {}};
    ST_TRY(field.id, Id(json, name.shape, name.part + "-id"));
    if (name.part != "key") {
      ST_TRY(field.is_required, Flag(json, name.shape, name.part + "-required"));
    }
    const auto* type = Find(json, name.part.c_str());
    if (type == nullptr) return Wrong(name.shape, name.part, "a type");
    ST_TRY(field.type, Read(*type, depth + 1));
    return field;
  }

  Result<NestedField> Field(const Json& json, int depth) {
    ST_TRY_STATUS(Count());
    if (!json.is_object()) return Wrong("struct", "fields", "a list of objects");
    NestedField field{.name = {}, .type = {}, .doc = {}};
    ST_TRY(field.id, Id(json, "struct", "id"));
    ST_TRY(field.is_required, Flag(json, "struct", "required"));
    const auto* name = Find(json, "name");
    if (name == nullptr || !name->is_string()) return Wrong("struct", "name", "text");
    field.name = name->get<std::string>();
    const auto* doc = Find(json, "doc");
    if (doc != nullptr && doc->is_string()) field.doc = doc->get<std::string>();
    const auto* in_files = Find(json, kFileName);
    if (in_files != nullptr && in_files->is_string()) {
      field.file_name = in_files->get<std::string>();
    }
    const auto* type = Find(json, "type");
    if (type == nullptr) return Wrong("struct", "type", "a type");
    ST_TRY(field.type, Read(*type, depth + 1));
    return field;
  }

  Result<NestedType> Struct(const Json& json, int depth) {
    const auto* fields = Find(json, "fields");
    if (fields == nullptr || !fields->is_array()) return Wrong("struct", "fields", "a list");
    NestedType type{.shape = TypeShape::kStruct, .primitive = {}, .fields = {}};
    for (const auto& item : *fields) {
      ST_TRY(auto field, Field(item, depth));
      type.fields.push_back(std::move(field));
    }
    return type;
  }

  std::size_t fields_ = 0;
};

}  // namespace

bool operator==(const NestedType& a, const NestedType& b) {
  return a.shape == b.shape && a.primitive == b.primitive && a.fields == b.fields;
}

bool operator==(const NestedField& a, const NestedField& b) {
  return a.id == b.id && a.name == b.name && a.type == b.type && a.is_required == b.is_required &&
         a.doc == b.doc && a.file_name == b.file_name;
}

NestedType PrimitiveType(std::string_view name) {
  return {.shape = TypeShape::kPrimitive, .primitive = std::string(name), .fields = {}};
}

NestedType ListType(NestedType element, int element_id) {
  return {.shape = TypeShape::kList,
          .primitive = {},
          .fields = {{.id = element_id, .name = "element", .type = std::move(element), .doc = {}}}};
}

NestedType MapType(NestedType key, NestedType value, int key_id, int value_id) {
  return {.shape = TypeShape::kMap,
          .primitive = {},
          .fields = {
              {.id = key_id, .name = "key", .type = std::move(key), .is_required = true, .doc = {}},
              {.id = value_id, .name = "value", .type = std::move(value), .doc = {}}}};
}

NestedType StructType(std::vector<NestedField> fields) {
  return {.shape = TypeShape::kStruct, .primitive = {}, .fields = std::move(fields)};
}

NestedType WithoutIds(NestedType type) {
  for (auto& field : type.fields) {
    field.id = 0;
    field.doc.clear();
    field.file_name.clear();
    field.type = WithoutIds(std::move(field.type));
  }
  return type;
}

NestedType WithoutFileNames(NestedType type) {
  for (auto& field : type.fields) {
    field.file_name.clear();
    field.type = WithoutFileNames(std::move(field.type));
  }
  return type;
}

NestedType AsInFiles(NestedType type) {
  for (auto& field : type.fields) {
    if (!field.file_name.empty()) field.name = std::exchange(field.file_name, {});
    field.type = AsInFiles(std::move(field.type));
  }
  return type;
}

Result<NestedType> TypeFromJson(const Json& json) { return TypeReader().Read(json, 1); }

Result<NestedType> ParseType(std::string_view text) {
  if (!text.starts_with('{')) return PrimitiveType(text);
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Fail(ErrorCode::kInvalidArgument, "a nested type is not JSON");
  return TypeFromJson(json);
}

OrderedJson TypeJson(const NestedType& type) {
  switch (type.shape) {
    case TypeShape::kPrimitive:
      return type.primitive;
    case TypeShape::kList: {
      const auto& element = type.fields.at(0);
      return {{"type", "list"},
              {"element-id", element.id},
              {"element", TypeJson(element.type)},
              {"element-required", element.is_required}};
    }
    case TypeShape::kMap: {
      const auto& value = type.fields.at(1);
      return {{"type", "map"},
              {"key-id", type.fields.at(0).id},
              {"key", TypeJson(type.fields.at(0).type)},
              {"value-id", value.id},
              {"value", TypeJson(value.type)},
              {"value-required", value.is_required}};
    }
    case TypeShape::kStruct:
      break;
  }
  auto fields = OrderedJson::array();
  for (const auto& field : type.fields) {
    OrderedJson json = {{"id", field.id},
                        {"name", field.name},
                        {"required", field.is_required},
                        {"type", TypeJson(field.type)}};
    if (!field.doc.empty()) json["doc"] = field.doc;
    if (!field.file_name.empty()) json[kFileName] = field.file_name;
    fields.push_back(std::move(json));
  }
  return {{"type", "struct"}, {"fields", std::move(fields)}};
}

std::string TypeText(const NestedType& type) {
  if (type.shape == TypeShape::kPrimitive) return type.primitive;
  return TypeJson(type).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string ShownType(const NestedType& type) {
  if (type.shape == TypeShape::kPrimitive) return type.primitive;
  std::string parts;
  for (const auto& field : type.fields) {
    if (!parts.empty()) parts += ", ";
    if (field.id > 0) parts += fmt::format("{}: ", field.id);
    if (type.shape == TypeShape::kStruct) parts += field.name + ": ";
    parts += ShownType(field.type);
  }
  const auto* shape = type.shape == TypeShape::kStruct ? "struct"
                      : type.shape == TypeShape::kList ? "list"
                                                       : "map";
  return fmt::format("{}<{}>", shape, parts);
}

std::optional<std::string> DuckDbTypeOf(const NestedType& type) {
  if (type.shape == TypeShape::kPrimitive) {
    if (type.primitive.starts_with("fixed[")) return DuckDbName({.kind = TypeKind::kBinary});
    const auto primitive = ColumnTypeFromIceberg(type.primitive);
    return primitive ? std::optional(DuckDbName(*primitive)) : std::nullopt;
  }
  std::vector<std::string> parts;
  for (const auto& field : type.fields) {
    auto part = DuckDbTypeOf(field.type);
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
  }
  if (type.shape == TypeShape::kList) return parts.at(0) + "[]";
  if (type.shape == TypeShape::kMap) return fmt::format("MAP({}, {})", parts.at(0), parts.at(1));
  if (parts.empty()) return std::nullopt;  // DuckDB has no struct without fields
  std::string members;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    members +=
        fmt::format("{}{} {}", i == 0 ? "" : ", ", Quoted(type.fields[i].name, '"'), parts[i]);
  }
  return fmt::format("STRUCT({})", members);
}

std::string TrinoFieldName(const std::string& name) {
  const bool is_plain =
      !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  return is_plain ? name : Quoted(name, '"');
}

std::string TrinoTypeOf(const NestedType& type) {
  if (type.shape == TypeShape::kPrimitive) {
    if (const auto primitive = ColumnTypeFromIceberg(type.primitive)) return TrinoName(*primitive);
    std::string foreign = type.primitive;
    std::erase(foreign, ' ');
    return foreign;
  }
  std::string parts;
  for (const auto& field : type.fields) {
    if (!parts.empty()) parts += ", ";
    if (type.shape == TypeShape::kStruct) parts += TrinoFieldName(AsciiLower(field.name)) + " ";
    parts += TrinoTypeOf(field.type);
  }
  const auto* shape = type.shape == TypeShape::kStruct ? "row"
                      : type.shape == TypeShape::kList ? "array"
                                                       : "map";
  return fmt::format("{}({})", shape, parts);
}

}  // namespace st
