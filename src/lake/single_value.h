// Text to Iceberg's single-value serialization, piece by piece; internal to lake.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace st::lake {

// The first `characters` code points of well-formed UTF-8.
std::string Utf8Prefix(std::string_view text, std::size_t characters);
// The smallest text, of at most as many code points, that sorts after every text with the prefix
// `text`; nullopt if there is none.
std::optional<std::string> Utf8Successor(std::string_view text);
std::optional<std::string> BytesSuccessor(std::string_view bytes);

}  // namespace st::lake
