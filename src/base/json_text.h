// Texts of JSON documents that are written as they are made, without a tree of values. Pure.
#pragma once

#include <string>
#include <string_view>

namespace st {

// Appends `text` as a JSON string, in quotes. Escaped is what RFC 8259 wants escaped, nothing else.
// Requires: UTF-8.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace st
