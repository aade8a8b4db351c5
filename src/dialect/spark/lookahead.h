// What the tokens at a cursor begin. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {

// A query `ahead` tokens behind the cursor: SELECT …, WITH name …, VALUES …
bool BeginsQuery(const TokenCursor& cursor, std::size_t ahead = 0);
// "x ->" or "(x, y) ->".
bool BeginsLambda(const TokenCursor& cursor);
// "date '…'" and the like.
bool BeginsTyped(const TokenCursor& cursor);
// How many tokens `symbol` stand together, as in << or >>>; the lexer leaves them apart, since
// types end in them.
std::size_t CountTogether(const TokenCursor& cursor, std::string_view symbol);

}  // namespace st::dialect::spark
