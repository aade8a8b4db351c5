// Text as Python's json.dumps writes it by default (ensure_ascii).
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

}  // namespace st::event
