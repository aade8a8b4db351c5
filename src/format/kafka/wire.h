// Kafka's primitive types: a reader that never overruns and a writer.
//
// Pure. Kafka protocol guide, "Protocol Primitive Types".
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/coding.h"

namespace st::kafka {

// Reads fields from the front. A field that is cut short or over its limit breaks the reader: ok()
// is false from then on, and every field reads as zero, empty or null.
class Reader : private ByteReader {
 public:
  using ByteReader::Break;
  using ByteReader::ByteReader;
  using ByteReader::left;
  using ByteReader::ok;
  template <std::integral T>
  T Int() {
    return Big<T>();
  }
  bool Bool() { return Int<std::int8_t>() != 0; }
  std::optional<std::string_view> NullableString() { return Take(Int<std::int16_t>()); }
  std::string_view String() { return NullableString().value_or(std::string_view()); }
  std::optional<std::string_view> NullableBytes() { return Take(Int<std::int32_t>()); }
  // Length of an array; -1 is null. A length above `most`, or one that cannot fit (an element has
  // at least one byte), breaks the reader and reads as 0.
  std::int32_t ArrayLength(std::int32_t most) {
    const auto n = Int<std::int32_t>();
    if (n > most || (n > 0 && static_cast<std::size_t>(n) > left().size())) {
      Break();
      return 0;
    }
    return n;
  }

 private:
  std::optional<std::string_view> Take(std::int64_t n) {
    if (n == -1) return std::nullopt;
    const auto taken = Bytes(static_cast<std::uint64_t>(n));
    return ok() ? std::optional(taken) : std::nullopt;
  }
};

class Writer {
 public:
  Writer() = default;
  // For an answer whose size is known: it does not grow by copying.
  explicit Writer(std::size_t bytes) { out_.reserve(bytes); }
  template <std::integral T>
  Writer& Int(T value) {
    AppendBig(out_, value);
    return *this;
  }
  Writer& Bool(bool value) { return Int<std::int8_t>(value ? 1 : 0); }
  Writer& String(std::string_view text) {
    Int(static_cast<std::int16_t>(text.size()));
    out_ += text;
    return *this;
  }
  Writer& NullableString(std::optional<std::string_view> text) {
    return text ? String(*text) : Int<std::int16_t>(-1);
  }
  Writer& Bytes(std::string_view bytes) {
    Int(static_cast<std::int32_t>(bytes.size()));
    out_ += bytes;
    return *this;
  }
  template <typename Range>
  Writer& ArrayLength(const Range& range) {
    return Int(static_cast<std::int32_t>(range.size()));
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace st::kafka
