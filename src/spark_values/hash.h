// The hash functions of Spark that DuckDB lacks. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace st::spark_values {

std::int64_t Crc32(std::string_view bytes);

// Spark's hash(): Murmur3 (x86, 32 bits) whose last bytes are mixed one by one.
std::int32_t Murmur3Int(std::int32_t value, std::int32_t seed);
std::int32_t Murmur3Long(std::int64_t value, std::int32_t seed);
std::int32_t Murmur3Float(float value, std::int32_t seed);
std::int32_t Murmur3Double(double value, std::int32_t seed);
std::int32_t Murmur3Bytes(std::string_view bytes, std::int32_t seed);

// Spark's xxhash64().
std::int64_t XxHashInt(std::int32_t value, std::int64_t seed);
std::int64_t XxHashLong(std::int64_t value, std::int64_t seed);
std::int64_t XxHashFloat(float value, std::int64_t seed);
std::int64_t XxHashDouble(double value, std::int64_t seed);
std::int64_t XxHashBytes(std::string_view bytes, std::int64_t seed);

}  // namespace st::spark_values
