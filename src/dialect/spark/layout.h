// PARTITIONED BY, CLUSTER BY and the property sort-order: their grammar, and the layout of a table
// that they make. Pure.
//
// Transforms have the names that Iceberg's Spark catalog takes: days or day, bucket(16, id), …
//
// Limits: kMaxLayoutFields (base/table_layout.h).
// Errors: kInvalidArgument with place, line and caret.
// Format: docs/pipelines.md, "Partitions and order"
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table_layout.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

// "(field, …)" behind PARTITIONED BY.
Result<std::vector<PartitionItem>> ParsePartitionFields(TokenCursor& cursor);
// "(column, …)" behind CLUSTER BY.
Result<std::vector<SortItem>> ParseClusterColumns(TokenCursor& cursor);

// Names of columns are found in any case; the result has them as `columns` do.
Result<std::vector<PartitionBy>> ResolvePartition(const SourceText& source,
                                                  const std::vector<PartitionItem>& items,
                                                  std::span<const LayoutColumn> columns);
Result<std::vector<SortBy>> ResolveSort(const SourceText& source,
                                        const std::vector<SortItem>& items,
                                        std::span<const LayoutColumn> columns);

// The whole of a text that is no statement: "day(ts), bucket(16, id)", and
// "a, b DESC NULLS LAST". `place` says where the text stands; errors have the place in the text
// behind it.
Result<std::vector<PartitionBy>> PartitionFromText(const std::string& place, std::string_view text,
                                                   std::span<const LayoutColumn> columns);
Result<std::vector<SortBy>> SortFromText(const std::string& place, std::string_view text,
                                         std::span<const LayoutColumn> columns);

}  // namespace st::dialect::spark
