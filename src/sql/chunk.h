// Types and columns of values in DuckDB's memory, read without copying.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace st::sql {

// DuckDB's logical types; the numbers are those of its C API.
enum class TypeId : int {
  kInvalid = 0,
  kBoolean = 1,
  kTinyint = 2,
  kSmallint = 3,
  kInteger = 4,
  kBigint = 5,
  kUtinyint = 6,
  kUsmallint = 7,
  kUinteger = 8,
  kUbigint = 9,
  kFloat = 10,
  kDouble = 11,
  kTimestamp = 12,  // int64 microseconds
  kDate = 13,       // int32 days
  kTime = 14,       // int64 microseconds
  kInterval = 15,   // IntervalValue
  kHugeint = 16,    // Int128
  kVarchar = 17,
  kBlob = 18,
  kDecimal = 19,      // int16, int32, int64 or Int128: Type::storage()
  kTimestampS = 20,   // int64
  kTimestampMs = 21,  // int64
  kTimestampNs = 22,  // int64
  kEnum = 23,         // uint8, uint16 or uint32: Type::storage()
  kList = 24,
  kStruct = 25,
  kMap = 26,   // a list of structs of key and value
  kUuid = 27,  // Int128, the upper bit flipped
  kUnion = 28,
  kBit = 29,
  kTimeTz = 30,
  kTimestampTz = 31,  // int64 microseconds, UTC
  kUhugeint = 32,
  kArray = 33,
  kAny = 34,  // of a function's parameter: it takes every type
  kBignum = 35,
  kNull = 36,
};

struct Int128 {
  std::uint64_t lower = 0;
  std::int64_t upper = 0;
};

struct IntervalValue {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
};

// A type with its parts; cheap to copy.
struct Type {
  TypeId id = TypeId::kInvalid;
  std::string alias;  // "JSON" for DuckDB's JSON, which is a VARCHAR; else ""
  // kDecimal
  int width = 0;
  int scale = 0;
  TypeId storage = TypeId::kInvalid;  // kDecimal, kEnum: how the values are stored
  std::uint64_t array_size = 0;       // kArray
  // kList, kArray: the element; kMap: key and value; kStruct, kUnion: the members.
  std::vector<Type> children;
  std::vector<std::string> names;  // kStruct, kUnion: of the members; kEnum: its words

  // As DuckDB writes it: "DECIMAL(18,3)", "STRUCT(a INTEGER)", "VARCHAR[]".
  std::string ToString() const;
};

// One column of a chunk, or a part of it.
//
// Requires: the chunk lives.
class VectorView {
 public:
  explicit VectorView(void* vector) : vector_(vector) {}
  bool IsNull(std::uint64_t row) const;
  // Values of fixed size. Requires: T is how the column's type is stored.
  template <typename T>
  T At(std::uint64_t row) const {
    return static_cast<const T*>(Data())[row];
  }
  // kVarchar, kBlob, kBit, kBignum.
  std::string_view StringAt(std::uint64_t row) const;
  struct Range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  // kList, kMap: the row's elements in Elements().
  Range ListAt(std::uint64_t row) const;
  VectorView Elements() const;
  // kArray: element i of row r is at r * array_size + i.
  VectorView ArrayElements() const;
  // kStruct; of kMap's Elements(): 0 is the key, 1 the value; kUnion: 0 is the tag (uint8).
  VectorView Member(std::uint64_t index) const;

 private:
  const void* Data() const;
  void* vector_;
};

// Some rows of a result.
//
// Threads: one thread.
class Chunk {
 public:
  explicit Chunk(void* chunk) : chunk_(chunk) {}
  Chunk(Chunk&& other) noexcept;
  Chunk& operator=(Chunk&& other) noexcept;
  ~Chunk();
  std::uint64_t rows() const;
  std::uint64_t columns() const;
  VectorView Column(std::uint64_t index) const;

 private:
  void* chunk_;
};

}  // namespace st::sql
