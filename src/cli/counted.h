// Numbers of things in a sentence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace st::cli {

// "1 row", "2 rows", "2 queries"; `noun` in the singular.
std::string Counted(std::int64_t count, std::string_view noun);

// "0.1 MiB".
std::string Mebibytes(std::uint64_t bytes);

}  // namespace st::cli
