// Structs in Thrift's compact protocol, in which Parquet writes the footers of files.
//
// Fields are known by their numbers alone, so that those of a later version of Parquet stay as they
// are when a struct is read and written again.
//
// Limits: kMaxThriftDepth (limits.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::worker::parquet {

struct ThriftValue {
  enum class Type : std::uint8_t {
    kTrue = 1,
    kFalse = 2,
    kByte = 3,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kDouble = 7,
    kBinary = 8,
    kList = 9,
    kStruct = 12,
  };

  Type type = Type::kStruct;
  std::int64_t number = 0;                // of kByte to kI64
  std::string bytes = {};                 // of kBinary; of kDouble, as they are written
  Type element = Type::kStruct;           // of kList
  std::vector<ThriftValue> items = {};    // of kList and kStruct
  std::vector<std::int16_t> fields = {};  // of kStruct: the number of each item

  // The item of a struct; nullptr: it has none of this number.
  const ThriftValue* Find(std::int16_t field) const;
  ThriftValue* Find(std::int16_t field);
  void Erase(std::int16_t field);
  // The number in a field; kCorruption: there is none.
  Result<std::int64_t> NumberAt(std::int16_t field) const;

  friend bool operator==(const ThriftValue&, const ThriftValue&) = default;
};

// The struct that the bytes are. kCorruption: they are none, or more than one; kUnsupported: a type
// that Parquet does not use (set, map).
Result<ThriftValue> ParseThrift(std::string_view bytes);

// Requires: a struct.
std::string ThriftBytes(const ThriftValue& value);

}  // namespace st::worker::parquet
