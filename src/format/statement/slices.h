// Raw slices of well-formed JSON, so that values pass on byte for byte.
#pragma once

#include <cstddef>
#include <string_view>

namespace st::statement {

// The value that `text` begins with (after white space), cut off `text`; "" if there is none.
// Requires: the whole document is well-formed, or the caller only needs its outline.
std::string_view TakeValue(std::string_view& text);
// Cuts white space and then `c` off `text`; false if something else stands there.
bool TakeChar(std::string_view& text, char c);

}  // namespace st::statement
