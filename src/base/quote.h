// Text in quotes, as SQL, its relatives and shells write names and strings. Pure.
#pragma once

#include <string>
#include <string_view>

namespace st {

// `text` between two `quote`, each `quote` inside it doubled: 'it''s', "a""b", `x`.
std::string Quoted(std::string_view text, char quote);

// `text` as one word of a POSIX shell: as it stands where a shell reads it so, else in single
// quotes. For commands that a message tells people to run.
std::string ShellWord(std::string_view text);

}  // namespace st
