// The functions of the SHA-2 family that DuckDB lacks. Pure.
#pragma once

#include <string>
#include <string_view>

namespace st::spark_values {

// Lower-case hexadecimal of FIPS 180-4's functions.
std::string Sha224(std::string_view bytes);
std::string Sha384(std::string_view bytes);
std::string Sha512(std::string_view bytes);

}  // namespace st::spark_values
