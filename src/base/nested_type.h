// A column's type with everything that is nested in it: a primitive, or a struct, list or map.
// Pure.
//
// Modules pass types on as text: Iceberg's name of a primitive ("long"), or Iceberg's JSON object
// of a struct, list or map, which has the field ids of all that it holds.
//
// Limits: kMaxTypeDepth, kMaxTypeFields.
// Format: Iceberg spec, Nested Types; Appendix C, Schemas.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace st {

// A struct in a list in a struct has the depth 3.
inline constexpr int kMaxTypeDepth = 16;
// Fields, elements, keys and values in one column.
inline constexpr std::size_t kMaxTypeFields = 1000;

enum class TypeShape { kPrimitive, kStruct, kList, kMap };

struct NestedField;

struct NestedType {
  TypeShape shape = TypeShape::kPrimitive;
  std::string
      primitive;  // of kPrimitive: Iceberg's name, also one that column_type.h does not have
  // kStruct: its fields; kList: "element"; kMap: "key" and "value".
  std::vector<NestedField> fields;
};

struct NestedField {
  int id = 0;  // field id; 0: it has none yet
  std::string name;
  NestedType type;
  bool is_required = false;
  std::string doc;
  // Of a struct's field: its name in data files; "": the same. It is no part of Iceberg's JSON.
  std::string file_name = {};
};

bool operator==(const NestedType& a, const NestedType& b);
bool operator==(const NestedField& a, const NestedField& b);

NestedType PrimitiveType(std::string_view name);
NestedType ListType(NestedType element, int element_id = 0);
NestedType MapType(NestedType key, NestedType value, int key_id = 0, int value_id = 0);
NestedType StructType(std::vector<NestedField> fields);

// The same type without ids, docs and names in files: equal for columns that hold the same values.
NestedType WithoutIds(NestedType type);
// The same type without names in files, and with these for the names.
NestedType WithoutFileNames(NestedType type);
NestedType AsInFiles(NestedType type);

// A text that begins with { is the JSON object of a nested type, any other the name of a primitive.
// Errors: kInvalidArgument names what is missing or wrong, or the limit that is passed.
Result<NestedType> ParseType(std::string_view text);
Result<NestedType> TypeFromJson(const nlohmann::json& json);

// The text that ParseType reads: one for each type.
std::string TypeText(const NestedType& type);
nlohmann::ordered_json TypeJson(const NestedType& type);

// For people: "struct<3: a: int, 4: b: list<5: string>>"; an id of 0 is left out.
std::string ShownType(const NestedType& type);

// STRUCT("a" INTEGER, "b" VARCHAR[]). nullopt: a primitive in it is none of column_type.h and no
// fixed[N], which is BLOB.
std::optional<std::string> DuckDbTypeOf(const NestedType& type);
// "row(a integer, b array(varchar))". A primitive that column_type.h does not have keeps its name.
std::string TrinoTypeOf(const NestedType& type);
// A field's name in the text of a row type: in quotes where it is no plain word.
std::string TrinoFieldName(const std::string& name);

}  // namespace st
