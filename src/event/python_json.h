// Text and numbers as Python's json.dumps writes them by default (ensure_ascii).
#pragma once

#include <string>
#include <string_view>

namespace st::event {

enum class TextEncoding {
  kUtf8,    // of a declaration; a byte sequence that is no UTF-8 becomes \ufffd
  kLatin1,  // of a header: each byte is one character, as WSGI takes it
};

// Appends `text` in quotes. The result is ASCII and always valid JSON.
void AppendPythonJson(std::string& out, std::string_view text, TextEncoding encoding);

// As Python's repr: the fewest digits that read back as the same number, 1e+16 from there and below
// 0.0001, else 1.5, 2.0, 1000000000000000.0. Requires: it is finite.
std::string DoubleJson(double value);

}  // namespace st::event
