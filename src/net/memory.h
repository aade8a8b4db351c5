// Frees the memory of texts. For net alone.
#pragma once

#include <string>

namespace st::net {

// Frees the text's memory, which assigning an empty text would keep.
inline void FreeMemory(std::string& text) { std::string().swap(text); }

}  // namespace st::net
