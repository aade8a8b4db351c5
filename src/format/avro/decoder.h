// Decodes Avro's binary encoding from hostile bytes; internal to format/avro.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/coding.h"
#include "base/result.h"
#include "format/avro/container.h"
#include "format/avro/limits.h"

namespace st::avro {

// The number of values that may still be decoded; it grows with the bytes that are present.
class ValueBudget {
 public:
  void Grow(std::size_t bytes) { left_ += bytes * kMaxValuesPerByte; }
  bool Take() { return left_ > 0 && left_-- > 0; }

 private:
  std::size_t left_ = kMaxValuesBase;
};

// Errors: kCorruption with the byte.
class Decoder {
 public:
  // Begins at the byte `position` of `bytes`.
  Decoder(std::string_view bytes, std::size_t position)
      : in_(bytes.substr(position)), size_(bytes.size()) {}
  bool is_at_end() const { return in_.is_at_end(); }
  // Of the next byte.
  std::size_t position() const { return size_ - in_.left().size(); }

  Result<std::int64_t> Long();
  Result<std::string_view> Take(std::size_t count);
  Result<std::string_view> Bytes();
  // Items of the next block of an array or map; 0 at its end.
  Result<std::size_t> BlockCount();
  Result<Value> Read(const Schema& schema, const Node& node, ValueBudget& budget,
                     std::size_t depth = 0);

 private:
  Result<Value> ReadScalar(const Node& node);
  Result<Value> ReadInteger(const Node& node);
  Result<Value> ReadBlocks(const Schema& schema, const Node& node, ValueBudget& budget,
                           std::size_t depth);

  ByteReader in_;
  const std::size_t size_;  // of all bytes
};

}  // namespace st::avro
