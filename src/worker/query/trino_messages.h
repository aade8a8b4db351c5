// The SQL engine's messages in the words of the statement protocol.
#pragma once

#include <string>
#include <string_view>

namespace st::worker::query {

// `message` in Trino's words and with its names of types, where its form is known; else as it is,
// without the exclamation mark that may end it. Pure, total.
std::string InOurWords(std::string_view message);

// Trino's name of a type that the engine names, such as INT32, INTEGER_LITERAL or BIGINT[].
std::string TypeInOurWords(std::string_view name);

}  // namespace st::worker::query
