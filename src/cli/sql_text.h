// Statements in a user's text: splits it, and shows the place of an error.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/statement/query_results.h"

namespace st::cli {

// Parts between semicolons that stand outside quotes and comments, by the rules of the server's own
// tokens (dialect/tokens.h), trimmed; empty ones are left out, and those with nothing but comments.
std::vector<std::string> SplitStatements(std::string_view text);

// The error's message, and where its place is known, that line of the statement with a caret:
//   line 1:8: Column 'x' cannot be resolved
//   select x from t
//          ^
std::string ErrorText(const statement::Failure& failure, std::string_view sql);

}  // namespace st::cli
