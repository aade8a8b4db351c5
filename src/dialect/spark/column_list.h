// The list of columns behind a table's name: (price BIGINT COMMENT 'in cents', …). Pure.
//
// Spark takes such a list as the table's schema, which the SELECT must make. So it may only repeat
// the SELECT's names and types; what it adds are comments.
//
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"
#include "dialect/spark/translate.h"

namespace st::dialect::spark {

// The list at the cursor, brackets included. Requires: the next token is (.
Result<std::vector<ListedColumn>> ParseColumnList(TokenCursor& cursor);

// The comments of the SELECT's columns, in their order; empty texts where there is no list.
Result<std::vector<std::string>> CommentsOf(const SourceText& source, const StreamingTable& table,
                                            const std::vector<OutputColumn>& columns);

}  // namespace st::dialect::spark
