// Spark's names of types, and the schemas that from_json takes: "a INT, b ARRAY<STRING>". Pure.
//
// Limits: kMaxTypeDepth, kMaxTypeFields (base/nested_type.h).
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <string_view>

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/token_cursor.h"
#include "dialect/type.h"

namespace st::dialect::spark {

// A type's name at the cursor with its arguments and parts, whether it is known or not.
Result<TypeName> ParseTypeName(TokenCursor& cursor);

// The whole of a text: a type, or the fields of a struct without the word STRUCT.
// Errors: kInvalidArgument without a place, in one line.
Result<Type> TypeFromDdl(std::string_view text);

}  // namespace st::dialect::spark
