// An Avro schema with the attributes that Iceberg adds: field-id, element-id, logicalType.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::avro {

enum class Type {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

// One type of a schema. Types refer to each other by index, so a schema may be recursive.
struct Node {
  struct Field {
    std::string name;
    int field_id = -1;  // -1: none
    std::size_t type = 0;
  };
  Type type = Type::kNull;
  std::string name;                   // of record, enum, fixed: full name
  std::string logical_type;           // "" if none
  int element_id = -1;                // of an array
  std::vector<Field> fields;          // of a record
  std::vector<std::size_t> children;  // array: item; map: value; union: branches
  std::size_t size = 0;               // fixed: bytes; enum: symbols
};

// A parsed schema. Defaults, aliases, docs and orders are not kept: files are read by the schema
// that they were written with.
//
// Errors: kInvalidArgument names the part of the schema that is not Avro.
// Limits: kMaxDepth, kMaxSchemaNodes, kMaxSchemaBytes (limits.h).
// Format: Avro 1.11 specification, Schema Declaration.
class Schema {
 public:
  static Result<std::shared_ptr<const Schema>> Parse(std::string_view json);
  const Node& root() const { return nodes_[root_]; }
  const Node& node(std::size_t index) const { return nodes_[index]; }

 private:
  friend class SchemaParser;
  std::vector<Node> nodes_;
  std::size_t root_ = 0;
};

}  // namespace st::avro
