#include "worker/query/types.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/column_type.h"
#include "base/nested_type.h"
#include "base/text.h"

namespace st::worker::query {
namespace {

using nlohmann::json;
using sql::TypeId;

constexpr std::int64_t kUnboundedVarchar = 2147483647;

struct Made {
  std::string name;
  json signature;
};

// Makes names and signatures of types. Clients of Presto, and early ones of Trino, expect other
// names for the parts of a signature than Trino's clients of today.
class Maker {
 public:
  explicit Maker(bool parametric_datetime) : is_new_(parametric_datetime) {}

  std::optional<Made> Make(const sql::Type& type) const {
    if (const auto plain = Plain(type); !plain.empty()) {
      return Made{plain, Signature(plain, json::array())};
    }
    switch (type.id) {
      case TypeId::kVarchar:
      case TypeId::kEnum:
        if (type.alias == "JSON") return Made{"json", Signature("json", json::array())};
        return Made{"varchar", Signature("varchar", json::array({Long(kUnboundedVarchar)}))};
      case TypeId::kDecimal:
        return Made{fmt::format("decimal({}, {})", type.width, type.scale),
                    Signature("decimal", json::array({Long(type.width), Long(type.scale)}))};
      case TypeId::kUuid:
        if (!is_new_)
          return Made{"varchar", Signature("varchar", json::array({Long(kUnboundedVarchar)}))};
        return Made{"uuid", Signature("uuid", json::array())};
      case TypeId::kTime:
        return Datetime("time", "", 6);
      case TypeId::kTimestampS:
        return Datetime("timestamp", "", 0);
      case TypeId::kTimestampMs:
        return Datetime("timestamp", "", 3);
      case TypeId::kTimestamp:
        return Datetime("timestamp", "", 6);
      case TypeId::kTimestampNs:
        return Datetime("timestamp", "", 9);
      case TypeId::kTimestampTz:
        return Datetime("timestamp", " with time zone", 6);
      case TypeId::kList:
      case TypeId::kArray:
        return Container("array", type);
      case TypeId::kMap:
        return Container("map", type);
      case TypeId::kStruct:
        return Row(type);
      default:
        return std::nullopt;
    }
  }

 private:
  // The name of a type that has no arguments; "" for others.
  static std::string Plain(const sql::Type& type) {
    switch (type.id) {
      case TypeId::kBoolean:
        return TrinoName({.kind = TypeKind::kBoolean});
      case TypeId::kTinyint:
        return "tinyint";
      case TypeId::kSmallint:
      case TypeId::kUtinyint:
        return "smallint";
      case TypeId::kInteger:
      case TypeId::kUsmallint:
        return TrinoName({.kind = TypeKind::kInt});
      // Wider integers are bigint, as in Trino; a value that does not fit is an error
      // (worker/query/rows.h).
      case TypeId::kBigint:
      case TypeId::kUinteger:
      case TypeId::kUbigint:
      case TypeId::kHugeint:
      case TypeId::kUhugeint:
        return TrinoName({.kind = TypeKind::kLong});
      case TypeId::kFloat:
        return TrinoName({.kind = TypeKind::kFloat});
      case TypeId::kDouble:
        return TrinoName({.kind = TypeKind::kDouble});
      case TypeId::kDate:
        return TrinoName({.kind = TypeKind::kDate});
      case TypeId::kBlob:
        return TrinoName({.kind = TypeKind::kBinary});
      case TypeId::kInterval:
        return "interval day to second";
      case TypeId::kNull:
        return TrinoName({.kind = TypeKind::kUnknown});
      default:
        return "";
    }
  }

  json Signature(std::string_view raw_type, json arguments) const {
    if (is_new_) return {{"rawType", raw_type}, {"arguments", std::move(arguments)}};
    return {{"rawType", raw_type},
            {"typeArguments", json::array()},
            {"literalArguments", json::array()},
            {"arguments", std::move(arguments)}};
  }
  json Long(std::int64_t value) const {
    return {{"kind", is_new_ ? "LONG" : "LONG_LITERAL"}, {"value", value}};
  }
  json Type(json signature) const {
    return {{"kind", is_new_ ? "TYPE" : "TYPE_SIGNATURE"}, {"value", std::move(signature)}};
  }

  Made Datetime(std::string_view name, std::string_view zone, int digits) const {
    const std::string raw = fmt::format("{}{}", name, zone);
    if (!is_new_) return {raw, Signature(raw, json::array())};
    return {fmt::format("{}({}){}", name, digits, zone),
            Signature(raw, json::array({Long(digits)}))};
  }

  std::optional<Made> Container(std::string_view raw_type, const sql::Type& type) const {
    std::string names;
    json arguments = json::array();
    for (const sql::Type& child : type.children) {
      auto made = Make(child);
      if (!made) return std::nullopt;
      names += (names.empty() ? "" : ", ") + made->name;
      arguments.push_back(Type(std::move(made->signature)));
    }
    return Made{fmt::format("{}({})", raw_type, names), Signature(raw_type, std::move(arguments))};
  }

  std::optional<Made> Row(const sql::Type& type) const {
    std::string fields;
    json arguments = json::array();
    for (std::size_t i = 0; i < type.children.size(); ++i) {
      auto made = Make(type.children[i]);
      if (!made) return std::nullopt;
      const std::string name = i < type.names.size() ? AsciiLower(type.names[i]) : "";
      fields += fields.empty() ? "" : ", ";
      if (!name.empty()) fields += TrinoFieldName(name) + " ";
      fields += made->name;
      json value = json::object();
      if (!name.empty()) value["fieldName"] = json{{"name", name}};
      value["typeSignature"] = is_new_ ? std::move(made->signature) : json(made->name);
      arguments.push_back(
          {{"kind", is_new_ ? "NAMED_TYPE" : "NAMED_TYPE_SIGNATURE"}, {"value", std::move(value)}});
    }
    return Made{fmt::format("row({})", fields), Signature("row", std::move(arguments))};
  }

  bool is_new_;
};

}  // namespace

std::optional<TrinoType> TrinoTypeOf(const sql::Type& type, bool parametric_datetime) {
  const auto made = Maker(parametric_datetime).Make(type);
  if (!made) return std::nullopt;
  return TrinoType{.name = made->name, .signature = made->signature.dump()};
}

}  // namespace st::worker::query
