// Text in quotes, as SQL and its relatives write names and strings. Pure.
#pragma once

#include <string>
#include <string_view>

namespace st {

// `text` between two `quote`, each `quote` inside it doubled: 'it''s', "a""b", `x`.
std::string Quoted(std::string_view text, char quote);

}  // namespace st
