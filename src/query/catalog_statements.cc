#include "query/catalog_statements.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/nested_type.h"
#include "base/text.h"

namespace st::query {
namespace {

using Names = std::vector<std::string>;

statement::Column TextColumn(std::string name) {
  return {std::move(name), "varchar",
          R"({"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]})"};
}

jobs::QueryPage PageOf(const nlohmann::json& rows) {
  return {.rows = static_cast<std::int64_t>(rows.size()),
          .rows_json = rows.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
          .is_last = true};
}

// Answers one column with those names that are LIKE the statement's pattern.
CatalogAnswer List(std::string column, const Names& names, const ParsedStatement& parsed) {
  CatalogAnswer answer;
  answer.columns.push_back(TextColumn(std::move(column)));
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& name : names) {
    if (!parsed.like || IsLike(name, *parsed.like, parsed.escape)) rows.push_back({name});
  }
  answer.page = PageOf(rows);
  return answer;
}

// The statement's name, whose missing leading parts come from the session's catalog and schema.
struct FullName {
  std::string catalog;
  std::string schema;
  std::string table;
};

FullName Complete(const Names& name, std::size_t parts_wanted, const statement::Session& session) {
  FullName full{
      .catalog = session.catalog.empty() ? std::string(kCatalog) : AsciiLower(session.catalog),
      .schema = session.schema.empty() ? "default" : AsciiLower(session.schema),
      .table = {}};
  const std::array<std::string*, 3> parts{&full.catalog, &full.schema, &full.table};
  for (std::size_t i = 0; i < name.size(); ++i) {
    *parts.at(parts_wanted - name.size() + i) = name[i];
  }
  return full;
}

class Catalog {
 public:
  Catalog(const ParsedStatement& parsed, const lake::Catalog& lake)
      : parsed_(parsed), lake_(lake) {}

  StatementResult<void> CheckCatalog(const FullName& name) const {
    if (name.catalog == kCatalog) return {};
    return Refuse("CATALOG_NOT_FOUND",
                  fmt::format("Catalog '{}' not found; there is '{}'", name.catalog, kCatalog));
  }

  StatementResult<void> CheckSchema(const FullName& name) const {
    if (const auto catalog = CheckCatalog(name); !catalog) return catalog;
    if (std::ranges::count(lake_.Schemas(), name.schema) > 0) return {};
    return Refuse("SCHEMA_NOT_FOUND", fmt::format("Schema '{}' does not exist", name.schema));
  }

  StatementResult<CatalogAnswer> Tables(const FullName& name) const {
    if (const auto schema = CheckSchema(name); !schema) return std::unexpected(schema.error());
    Names names;
    for (const auto& table : lake_.Tables()) {
      if (table.schema == name.schema) names.push_back(table.name);
    }
    return List("Table", names, parsed_);
  }

  StatementResult<CatalogAnswer> Columns(const FullName& name) const {
    if (const auto schema = CheckSchema(name); !schema) return std::unexpected(schema.error());
    const auto tables = lake_.Tables();
    const auto table = std::ranges::find_if(tables, [&](const lake::TableName& candidate) {
      return candidate.schema == name.schema && AsciiLower(candidate.name) == name.table;
    });
    if (table == tables.end()) return NoTable(name, tables);
    const auto view = lake_.Load(*table);
    if (!view) return Refuse("GENERIC_INTERNAL_ERROR", view.error().message());
    CatalogAnswer answer;
    for (const char* column : {"Column", "Type", "Extra", "Comment"}) {
      answer.columns.push_back(TextColumn(column));
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& column : (*view)->columns) {
      if (parsed_.like && !IsLike(AsciiLower(column.name), *parsed_.like, parsed_.escape)) continue;
      rows.push_back({AsciiLower(column.name), TrinoTypeOf(column.type), "", column.doc});
    }
    answer.page = PageOf(rows);
    return answer;
  }

 private:
  std::unexpected<statement::Failure> Refuse(std::string name, const std::string& message) const {
    return std::unexpected(FailureAt(parsed_.location, std::move(name), message));
  }

  std::unexpected<statement::Failure> NoTable(const FullName& name,
                                              const std::vector<lake::TableName>& tables) const {
    Names names;
    for (const auto& table : tables) {
      if (table.schema == name.schema) names.push_back(table.name);
    }
    std::string message =
        fmt::format("Table '{}.{}.{}' does not exist", name.catalog, name.schema, name.table);
    if (const auto near = NearestName(name.table, names)) {
      message += fmt::format("; did you mean '{}'?", *near);
    }
    return Refuse("TABLE_NOT_FOUND", message);
  }

  const ParsedStatement& parsed_;
  const lake::Catalog& lake_;
};

}  // namespace

std::string TrinoTypeOf(std::string_view iceberg_type) {
  const auto type = ParseType(iceberg_type);
  return type ? st::TrinoTypeOf(*type) : std::string(iceberg_type);
}

StatementResult<CatalogAnswer> AnswerFromCatalog(const ParsedStatement& parsed,
                                                 const statement::Session& session,
                                                 const lake::Catalog& lake) {
  const Catalog catalog(parsed, lake);
  switch (parsed.kind) {
    case StatementKind::kShowCatalogs:
      return List("Catalog", {std::string(kCatalog)}, parsed);
    case StatementKind::kShowSchemas: {
      const auto known = catalog.CheckCatalog(Complete(parsed.name, 1, session));
      if (!known) return std::unexpected(known.error());
      return List("Schema", lake.Schemas(), parsed);
    }
    case StatementKind::kShowTables:
      return catalog.Tables(Complete(parsed.name, 2, session));
    case StatementKind::kShowColumns:
      return catalog.Columns(Complete(parsed.name, 3, session));
    case StatementKind::kUse: {
      const FullName name = Complete(parsed.name, 2, session);
      const auto known = catalog.CheckSchema(name);
      if (!known) return std::unexpected(known.error());
      return CatalogAnswer{
          .update_type = "USE", .set_catalog = name.catalog, .set_schema = name.schema};
    }
    case StatementKind::kSelect:
      break;
  }
  return std::unexpected(FailureAt(parsed.location, "GENERIC_INTERNAL_ERROR", "not a SHOW"));
}

}  // namespace st::query
