// Giving memory back. For net alone.
#pragma once

#include <string>

namespace st::net {

// Gives the text's memory back; assigning an empty text to it keeps it.
inline void FreeMemory(std::string& text) { std::string().swap(text); }

}  // namespace st::net
