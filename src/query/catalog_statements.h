// SHOW, DESCRIBE and USE: answered from the lake without a worker.
//
// Threads: pure but for reading the lake.
// Errors:  CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND, TABLE_NOT_FOUND.
#pragma once

#include <string>
#include <vector>

#include "format/statement/session.h"
#include "jobs/query_messages.h"
#include "lake/catalog.h"
#include "query/statement_text.h"

namespace st::query {

inline constexpr std::string_view kCatalog = "lake";

struct CatalogAnswer {
  std::vector<statement::Column> columns;
  jobs::QueryPage page;
  std::string update_type;
  std::string set_catalog;
  std::string set_schema;
};

// Requires: parsed.kind is not kSelect.
StatementResult<CatalogAnswer> AnswerFromCatalog(const ParsedStatement& parsed,
                                                 const statement::Session& session,
                                                 const lake::Catalog& lake);

// "timestamptz" -> "timestamp(6) with time zone"
std::string TrinoTypeOf(std::string_view iceberg_type);

}  // namespace st::query
