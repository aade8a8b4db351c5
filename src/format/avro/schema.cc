#include "format/avro/schema.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "format/avro/limits.h"

namespace st::avro {

using Json = nlohmann::json;

namespace {

std::optional<Type> PrimitiveNamed(std::string_view name) {
  static const std::map<std::string_view, Type> primitives = {
      {"null", Type::kNull},   {"boolean", Type::kBoolean}, {"int", Type::kInt},
      {"long", Type::kLong},   {"float", Type::kFloat},     {"double", Type::kDouble},
      {"bytes", Type::kBytes}, {"string", Type::kString},
  };
  const auto found = primitives.find(name);
  if (found == primitives.end()) return std::nullopt;
  return found->second;
}

// The string at `key`, or "".
std::string TextAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The small non-negative integer at `key`, or -1.
int IdAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return -1;
  const auto value = found->get<std::int64_t>();
  return value >= 0 && value <= std::numeric_limits<int>::max() ? static_cast<int>(value) : -1;
}

}  // namespace

class SchemaParser {
 public:
  explicit SchemaParser(Schema& schema) : schema_(schema) {}

  Result<std::size_t> Parse(const Json& json, const std::string& space, std::size_t depth) {
    if (depth > kMaxDepth) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: nested deeper than {}", kMaxDepth);
    }
    if (json.is_string()) return Named(json.get<std::string>(), space);
    if (json.is_array()) return Union(json, space, depth);
    if (!json.is_object()) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: a type must be text, list or object");
    }
    const auto type = json.find("type");
    if (type == json.end()) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: an object without \"type\"");
    }
    if (!type->is_string()) return Parse(*type, space, depth + 1);
    const auto name = type->get<std::string>();
    if (name == "record" || name == "error") return Record(json, space, depth);
    if (name == "enum") return Enum(json, space);
    if (name == "fixed") return Fixed(json, space);
    if (name == "array") return Container(json, {Type::kArray, "items"}, space, depth);
    if (name == "map") return Container(json, {Type::kMap, "values"}, space, depth);
    ST_TRY(const auto index, Named(name, space));
    if (PrimitiveNamed(name)) schema_.nodes_[index].logical_type = TextAt(json, "logicalType");
    return index;
  }

 private:
  struct Kind {
    Type type;
    const char* key;
  };

  Result<std::size_t> Add(Node node) {
    if (schema_.nodes_.size() >= kMaxSchemaNodes) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: more than {} types", kMaxSchemaNodes);
    }
    schema_.nodes_.push_back(std::move(node));
    return schema_.nodes_.size() - 1;
  }

  Result<std::size_t> Named(const std::string& name, const std::string& space) {
    if (const auto primitive = PrimitiveNamed(name)) return Add({.type = *primitive});
    for (const auto& full : {space.empty() ? name : space + "." + name, name}) {
      if (const auto found = names_.find(full); found != names_.end()) return found->second;
    }
    return Fail(ErrorCode::kInvalidArgument, "avro schema: no type is named \"{}\"", name);
  }

  // Adds a named type before its parts are known, so that they can refer to it.
  Result<std::size_t> Define(const Json& json, const std::string& space, Type type) {
    auto name = TextAt(json, "name");
    if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "avro schema: a type without name");
    const auto own_space = TextAt(json, "namespace");
    if (name.find('.') == std::string::npos) {
      const auto& prefix = own_space.empty() ? space : own_space;
      if (!prefix.empty()) name = fmt::format("{}.{}", prefix, name);
    }
    ST_TRY(const auto index,
           Add({.type = type, .name = name, .logical_type = TextAt(json, "logicalType")}));
    if (!names_.emplace(name, index).second) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: \"{}\" is defined twice", name);
    }
    return index;
  }

  Result<std::size_t> Record(const Json& json, const std::string& space, std::size_t depth) {
    ST_TRY(const auto index, Define(json, space, Type::kRecord));
    const auto full = schema_.nodes_[index].name;
    const auto dot = full.rfind('.');
    const auto inner = dot == std::string::npos ? std::string() : full.substr(0, dot);
    const auto fields = json.find("fields");
    if (fields == json.end() || !fields->is_array()) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: record \"{}\" has no fields", full);
    }
    for (const auto& field : *fields) {
      if (!field.is_object() || !field.contains("type") || TextAt(field, "name").empty()) {
        return Fail(ErrorCode::kInvalidArgument, "avro schema: record \"{}\" has a bad field",
                    full);
      }
      ST_TRY(const auto type, Parse(field["type"], inner, depth + 1));
      schema_.nodes_[index].fields.push_back(
          {.name = TextAt(field, "name"), .field_id = IdAt(field, "field-id"), .type = type});
    }
    return index;
  }

  Result<std::size_t> Enum(const Json& json, const std::string& space) {
    ST_TRY(const auto index, Define(json, space, Type::kEnum));
    const auto symbols = json.find("symbols");
    if (symbols == json.end() || !symbols->is_array()) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: an enum without symbols");
    }
    schema_.nodes_[index].size = symbols->size();
    return index;
  }

  Result<std::size_t> Fixed(const Json& json, const std::string& space) {
    ST_TRY(const auto index, Define(json, space, Type::kFixed));
    const auto size = IdAt(json, "size");
    if (size < 0) return Fail(ErrorCode::kInvalidArgument, "avro schema: a fixed without size");
    schema_.nodes_[index].size = static_cast<std::size_t>(size);
    return index;
  }

  Result<std::size_t> Container(const Json& json, Kind kind, const std::string& space,
                                std::size_t depth) {
    const auto inner = json.find(kind.key);
    if (inner == json.end()) {
      return Fail(ErrorCode::kInvalidArgument, "avro schema: a container without \"{}\"", kind.key);
    }
    ST_TRY(const auto child, Parse(*inner, space, depth + 1));
    return Add({.type = kind.type,
                .logical_type = TextAt(json, "logicalType"),
                .element_id = IdAt(json, "element-id"),
                .children = {child}});
  }

  Result<std::size_t> Union(const Json& json, const std::string& space, std::size_t depth) {
    Node node{.type = Type::kUnion};
    for (const auto& branch : json) {
      ST_TRY(const auto child, Parse(branch, space, depth + 1));
      if (schema_.nodes_[child].type == Type::kUnion) {
        return Fail(ErrorCode::kInvalidArgument, "avro schema: a union directly in a union");
      }
      node.children.push_back(child);
    }
    return Add(std::move(node));
  }

  Schema& schema_;
  std::map<std::string, std::size_t> names_;
};

Result<std::shared_ptr<const Schema>> Schema::Parse(std::string_view json) {
  if (json.size() > kMaxSchemaBytes) {
    return Fail(ErrorCode::kInvalidArgument, "avro schema: {} bytes, at most {}", json.size(),
                kMaxSchemaBytes);
  }
  const auto parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) {
    return Fail(ErrorCode::kInvalidArgument, "avro schema: not JSON");
  }
  auto schema = std::make_shared<Schema>();
  ST_TRY(schema->root_, SchemaParser(*schema).Parse(parsed, "", 0));
  return schema;
}

}  // namespace st::avro
