#include "stream/definition_check.h"

#include <string>
#include <string_view>
#include <vector>

#include "lake/limits.h"
#include "lake/property_files.h"
#include "lake/schema.h"
#include "stream/table_columns.h"

namespace st::stream {
namespace {

// A difference is our error, and no record is to blame.
Status CheckColumns(Transformer& transformer, const dialect::spark::Definition& definition) {
  const auto described = transformer.Describe(dialect::spark::TableSql(definition));
  if (!described) return std::unexpected(described.error().WithContext(definition.place));
  bool is_same = described->size() == definition.columns.size();
  for (std::size_t i = 0; is_same && i < described->size(); ++i) {
    is_same = (*described)[i].name == definition.columns[i].name &&
              (*described)[i].duckdb_type == definition.columns[i].duckdb_type;
  }
  if (is_same) return {};
  std::string got;
  for (const auto& column : *described) {
    got += fmt::format("{}{} {}", got.empty() ? "" : ", ", column.name, column.duckdb_type);
  }
  return Fail(ErrorCode::kUnsupported,
              "{}: the SELECT is translated to columns of other types ({}); write a CAST to the "
              "type that is meant",
              definition.place, got);
}

// DuckDB says of what kind an error is, in front of the message.
std::string_view WithoutKind(std::string_view message) {
  for (const std::string_view kind :
       {"Invalid Input Error: ", "Conversion Error: ", "Out of Range Error: "}) {
    if (message.starts_with(kind)) return message.substr(kind.size());
  }
  return message;
}

Status CheckConstants(Transformer& transformer, const dialect::spark::Definition& definition) {
  if (definition.constants.empty()) return {};
  std::vector<std::string> expressions;
  for (const auto& constant : definition.constants) expressions.push_back(constant.sql);
  ST_TRY(const auto failures, transformer.Evaluate(expressions));
  std::string faults;
  for (std::size_t i = 0; i < failures.size() && i < expressions.size(); ++i) {
    if (failures[i].empty()) continue;
    const auto& constant = definition.constants[i];
    faults += fmt::format("{}{}: {}{}", faults.empty() ? "" : "\n", constant.place,
                          WithoutKind(failures[i]), constant.excerpt);
  }
  if (faults.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, "{}", faults);
}

}  // namespace

Status CheckTableTakes(const dialect::spark::Definition& definition) {
  if (const auto columns = lake::CheckColumns(TableColumns(definition)); !columns) {
    return std::unexpected(columns.error().WithContext(definition.place));
  }
  const auto bytes = lake::SharedBytes(definition.properties);
  if (bytes <= lake::kMaxPropertiesBytes) return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      "{}: the properties, the comment among them, are {} bytes of metadata, and a table has "
      "at most {}: shorten or remove some",
      definition.place, bytes, lake::kMaxPropertiesBytes);
}

Status CheckDefinition(Transformer& transformer, const dialect::spark::Definition& definition) {
  ST_TRY_STATUS(CheckTableTakes(definition));
  ST_TRY_STATUS(CheckConstants(transformer, definition));
  return CheckColumns(transformer, definition);
}

}  // namespace st::stream
