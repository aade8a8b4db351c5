// The one writer of DuckDB SQL: a plan as text. Pure.
//
// Brackets stand where DuckDB's precedence needs them and around what a plan marks; string and name
// contents are quoted, so no text in a plan can end its quotes. One plan gives one text, byte for
// byte, whatever built it.
//
// Limits: the stack grows with Expression::depth, which the front end bounds.
#pragma once

#include <cstddef>
#include <string>

#include "dialect/plan.h"

namespace st::dialect {

std::string ToSql(const Expression& expression);
std::string ToSql(const Select& select);

// The length of ToSql() of it, without making the text: shared subtrees count each time.
std::size_t SqlBytes(const Expression& expression);
std::size_t SqlBytes(const Select& select);

}  // namespace st::dialect
