// Kafka's primitive types: a reader that never overruns and a writer. Both know the compact forms
// and the tagged fields of flexible versions (KIP-482).
//
// Pure. Kafka protocol guide, "Protocol Primitive Types".
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/ids.h"

namespace st::kafka {

// Reads fields from the front. A field that is cut short or over its limit breaks the reader: ok()
// is false from then on, and every field reads as zero, empty or null.
class Reader : private ByteReader {
 public:
  using ByteReader::Break;
  explicit Reader(std::string_view bytes, bool is_flexible = false)
      : ByteReader(bytes), is_flexible_(is_flexible) {}
  using ByteReader::Id;
  using ByteReader::left;
  using ByteReader::ok;
  template <std::integral T>
  T Int() {
    return Big<T>();
  }
  bool Bool() { return Int<std::int8_t>() != 0; }
  std::optional<std::string_view> NullableString() {
    return Take(is_flexible_ ? CompactLength() : Int<std::int16_t>());
  }
  std::string_view String() { return NullableString().value_or(std::string_view()); }
  std::optional<std::string_view> NullableBytes() {
    return Take(is_flexible_ ? CompactLength() : Int<std::int32_t>());
  }
  std::string_view Bytes() { return NullableBytes().value_or(std::string_view()); }
  // Length of an array; -1 is null. A length above `most`, or one that cannot fit (an element has
  // at least one byte), breaks the reader and reads as 0.
  std::int32_t ArrayLength(std::int32_t most) {
    const auto n = is_flexible_ ? CompactLength() : Int<std::int32_t>();
    if (n > most || (n > 0 && static_cast<std::size_t>(n) > left().size())) {
      Break();
      return 0;
    }
    return n;
  }

  // Skips the tagged fields that end a structure of a flexible version; none is known here.
  void Tags() {
    if (!is_flexible_) return;
    for (auto n = Varint(); ok() && n > 0; --n) {
      Varint();
      ByteReader::Bytes(Varint());
    }
  }

 private:
  // The length in front of a compact string, bytes or array; -1: null.
  std::int32_t CompactLength() {
    constexpr std::uint64_t kMost = 1ULL << 30;
    const auto n = Varint();
    if (n > kMost) Break();
    return ok() ? static_cast<std::int32_t>(n) - 1 : 0;
  }
  std::optional<std::string_view> Take(std::int64_t n) {
    if (n == -1) return std::nullopt;
    const auto taken = ByteReader::Bytes(static_cast<std::uint64_t>(n));
    return ok() ? std::optional(taken) : std::nullopt;
  }

  const bool is_flexible_;
};

class Writer {
 public:
  Writer() = default;
  // For an answer whose size is known: it does not grow by copying.
  explicit Writer(std::size_t bytes, bool is_flexible = false) : is_flexible_(is_flexible) {
    out_.reserve(bytes);
  }
  template <std::integral T>
  Writer& Int(T value) {
    AppendBig(out_, value);
    return *this;
  }
  Writer& Bool(bool value) { return Int<std::int8_t>(value ? 1 : 0); }
  Writer& String(std::string_view text) {
    is_flexible_ ? CompactLength(text.size()) : Int(static_cast<std::int16_t>(text.size()));
    out_ += text;
    return *this;
  }
  Writer& NullableString(std::optional<std::string_view> text) {
    if (text) return String(*text);
    return is_flexible_ ? Int<std::int8_t>(0) : Int<std::int16_t>(-1);
  }
  Writer& Bytes(std::string_view bytes) {
    is_flexible_ ? CompactLength(bytes.size()) : Int(static_cast<std::int32_t>(bytes.size()));
    out_ += bytes;
    return *this;
  }
  Writer& Id(const Uuid& id) {
    AppendUuid(out_, id);
    return *this;
  }
  template <typename Range>
  Writer& ArrayLength(const Range& range) {
    return is_flexible_ ? CompactLength(range.size())
                        : Int(static_cast<std::int32_t>(range.size()));
  }
  // No array, which is not an empty one.
  Writer& NullArray() { return is_flexible_ ? Int<std::int8_t>(0) : Int<std::int32_t>(-1); }
  // No tagged fields, where a structure of a flexible version ends.
  Writer& Tags() { return is_flexible_ ? Int<std::int8_t>(0) : *this; }
  // One tagged field, which is `bytes`, in the place of none; nothing where there are no such
  // fields.
  Writer& Tag(std::uint64_t tag, std::string_view bytes) {
    if (!is_flexible_) return *this;
    AppendVarint(out_, 1);
    AppendVarint(out_, tag);
    AppendVarint(out_, bytes.size());
    out_ += bytes;
    return *this;
  }
  std::string Take() { return std::move(out_); }

 private:
  Writer& CompactLength(std::size_t n) {
    AppendVarint(out_, n + 1);
    return *this;
  }

  const bool is_flexible_ = false;
  std::string out_;
};

}  // namespace st::kafka
