#include "worker/spark/json_calls.h"

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/column_type.h"
#include "base/nested_type.h"
#include "sql/scalar_function.h"
#include "worker/spark/json_reader.h"

namespace st::worker::spark {
namespace {

using Json = nlohmann::json;

std::optional<sql::TypeId> PlainId(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return sql::TypeId::kBoolean;
    case TypeKind::kInt:
      return sql::TypeId::kInteger;
    case TypeKind::kLong:
      return sql::TypeId::kBigint;
    case TypeKind::kFloat:
      return sql::TypeId::kFloat;
    case TypeKind::kDouble:
      return sql::TypeId::kDouble;
    case TypeKind::kString:
      return sql::TypeId::kVarchar;
    case TypeKind::kBinary:
      return sql::TypeId::kBlob;
    case TypeKind::kDate:
      return sql::TypeId::kDate;
    case TypeKind::kTimestamp:
      return sql::TypeId::kTimestamp;
    case TypeKind::kTimestampTz:
      return sql::TypeId::kTimestampTz;
    default:
      return std::nullopt;
  }
}

// How DuckDB stores a DECIMAL of that many digits.
sql::TypeId StorageOf(int precision) {
  if (precision <= 4) return sql::TypeId::kSmallint;
  if (precision <= 9) return sql::TypeId::kInteger;
  return precision <= 18 ? sql::TypeId::kBigint : sql::TypeId::kHugeint;
}

Result<sql::Type> SqlTypeOf(const NestedType& type) {
  sql::Type made;
  if (type.shape == TypeShape::kPrimitive) {
    const auto primitive = ColumnTypeFromIceberg(type.primitive).value_or(ColumnType());
    if (primitive.kind == TypeKind::kDecimal) {
      made.id = sql::TypeId::kDecimal;
      made.width = primitive.precision;
      made.scale = primitive.scale;
      made.storage = StorageOf(primitive.precision);
      return made;
    }
    const auto id = PlainId(primitive.kind);
    if (!id) {
      return Fail(ErrorCode::kInvalidArgument, "from_json does not read the type '{}'",
                  type.primitive);
    }
    made.id = *id;
    return made;
  }
  made.id = type.shape == TypeShape::kStruct ? sql::TypeId::kStruct
            : type.shape == TypeShape::kList ? sql::TypeId::kList
                                             : sql::TypeId::kMap;
  for (const auto& field : type.fields) {
    ST_TRY(auto part, SqlTypeOf(field.type));
    made.children.push_back(std::move(part));
    if (type.shape == TypeShape::kStruct) made.names.push_back(field.name);
  }
  return made;
}

// The calls in DuckDB's tree of a statement: the function's name, and the type that it is given.
void FindCalls(const Json& tree, std::map<std::string, std::string>& calls) {
  if (tree.is_array()) {
    for (const auto& part : tree) FindCalls(part, calls);
  }
  if (!tree.is_object()) return;
  const auto name = tree.find("function_name");
  const auto arguments = tree.find("children");
  if (name != tree.end() && name->is_string() && arguments != tree.end() && arguments->is_array() &&
      arguments->size() == 3 && name->get_ref<const std::string&>().starts_with(kFromJsonPrefix)) {
    const auto type = (*arguments)[1].find("value");
    if (type != (*arguments)[1].end() && type->is_object()) {
      calls[name->get<std::string>()] = type->value("value", std::string());
    }
  }
  for (const auto& part : tree) {
    if (part.is_structured()) FindCalls(part, calls);
  }
}

// The result is read to its end, since a function that is made beside an open result is lost.
Result<std::map<std::string, std::string>> CallsOf(sql::Connection& connection,
                                                   const std::string& statement) {
  std::map<std::string, std::string> calls;
  ST_TRY(auto parse, connection.Prepare("SELECT json_serialize_sql(CAST($1 AS VARCHAR))"));
  ST_TRY_STATUS(parse.BindText(1, statement));
  ST_TRY(auto rows, parse.Execute());
  while (true) {
    ST_TRY(const auto chunk, rows.Next());
    if (!chunk) return calls;
    for (std::uint64_t row = 0; row < chunk->rows(); ++row) {
      const auto column = chunk->Column(0);
      if (!column.IsNull(row)) {
        FindCalls(Json::parse(column.StringAt(row), nullptr, false), calls);
      }
    }
  }
}

Status Evaluate(JsonReader& reader, const sql::Arguments& arguments, sql::ResultWriter& to) {
  const auto texts = arguments.Column(0);
  const auto fails = arguments.Column(2);
  const auto column = to.column();
  for (std::uint64_t row = 0; row < arguments.rows(); ++row) {
    if (texts.IsNull(row)) {
      reader.SetNull(column, row);
    } else if (!reader.Read(texts.StringAt(row), column, row) && fails.At<bool>(row)) {
      return Fail(ErrorCode::kInvalidArgument,
                  "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] the text is not of the schema: "
                  "{}",
                  texts.StringAt(row).substr(0, 200));
    }
  }
  return {};
}

Result<sql::ScalarFunction> MakeReader(const std::string& name, const std::string& text) {
  ST_TRY(const auto nested, ParseType(text));
  ST_TRY(auto type, SqlTypeOf(nested));
  return sql::ScalarFunction{
      .name = name,
      .parameters = {sql::TypeId::kVarchar, sql::TypeId::kVarchar, sql::TypeId::kBoolean},
      .nested_result = type,
      .evaluate = [type](const sql::Arguments& arguments, sql::ResultWriter& to) {
        JsonReader reader(type);
        return Evaluate(reader, arguments, to);
      }};
}

}  // namespace

Status JsonCalls::Register(sql::Connection& connection, const std::string& statement) {
  if (statement == last_statement_) return {};
  ST_TRY(const auto calls, CallsOf(connection, statement));
  for (const auto& [name, type] : calls) {
    if (names_.contains(name)) continue;
    ST_TRY(auto function, MakeReader(name, type));
    ST_TRY_STATUS(sql::Register(connection, std::move(function)));
    names_.insert(name);
  }
  last_statement_ = statement;
  return {};
}

}  // namespace st::worker::spark
