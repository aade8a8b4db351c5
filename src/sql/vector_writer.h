// Writes values of any type into DuckDB's memory.
#pragma once

#include <cstdint>
#include <string_view>

namespace st::sql {

// One column that a function fills, or a part of it. Rows are written in any order.
//
// Requires: the column lives.
class VectorWriter {
 public:
  explicit VectorWriter(void* vector);

  // Values of fixed size. Requires: T is how the column's type is stored.
  template <typename T>
  void Set(std::uint64_t row, T value) const {
    static_cast<T*>(data_)[row] = value;
  }
  // Copies the bytes, for kVarchar and kBlob. Requires: of kVarchar, they are valid UTF-8.
  void SetBytes(std::uint64_t row, std::string_view bytes) const;
  void SetNull(std::uint64_t row) const;
  // Undoes SetNull, before the row's value is written.
  void SetValid(std::uint64_t row) const;

  // kStruct; of kMap's Elements(): 0 is the key, 1 the value. A NULL struct has NULL members, which
  // the caller sets.
  VectorWriter Member(std::uint64_t index) const;

  // kList, kMap: elements of all rows so far.
  std::uint64_t elements() const;
  // kList, kMap. Elements() has room for `count` elements; an earlier result of it is invalid then.
  void Reserve(std::uint64_t count) const;
  VectorWriter Elements() const;
  // The row has `length` of the elements from `offset`, and `offset` + `length` of them are filled.
  void SetList(std::uint64_t row, std::uint64_t offset, std::uint64_t length) const;

 private:
  void* vector_;
  void* data_;
};

}  // namespace st::sql
