// Raw slices of well-formed JSON, so that values pass on byte for byte.
#pragma once

#include <cstddef>
#include <string_view>

namespace st::statement {

// Removes the first value (after white space) from `text` and returns it; "" if there is none.
// Requires: the whole document is well-formed, or the caller only needs its outline.
std::string_view TakeValue(std::string_view& text);
// Removes white space and then `c` from the front of `text`; false if another character is there.
bool TakeChar(std::string_view& text, char c);

}  // namespace st::statement
