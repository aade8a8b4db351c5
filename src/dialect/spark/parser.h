// Recursive descent over the statements of a Spark declarative-pipeline file. Pure.
//
// Limits: kMaxStatements, kMaxTableNameBytes (limits.h) and those of lexer.h and expr_parser.h.
// Errors: kInvalidArgument with place, line and caret: no token can be read, so that no statement
//         is. Behind a statement with another mistake the next one is read.
#pragma once

#include "base/result.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

// The statements of one file, in order.
Result<Statements> ParseStatements(const SourceText& source);

}  // namespace st::dialect::spark
