// Avro's named limits, which bound the memory that a hostile file can cost its reader.
#pragma once

#include <cstddef>
#include <cstdint>

namespace st::avro {

inline constexpr std::size_t kMaxDepth = 32;            // of a schema and of a value
inline constexpr std::size_t kMaxSchemaNodes = 10'000;  // types of one schema
inline constexpr std::size_t kMaxSchemaBytes = 1 << 20;
inline constexpr std::size_t kMaxInflatedBytes = std::size_t{256} << 20;  // of one file
// Values (records and nulls take no bytes) of one file: this many, and this many a byte.
inline constexpr std::size_t kMaxValuesBase = 4096;
inline constexpr std::size_t kMaxValuesPerByte = 4;

}  // namespace st::avro
