// Strong ids without implicit conversion.
#pragma once

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace st {

template <typename Tag, typename Rep>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

// Position of a record in its partition; counts records, dense from 0 (I2).
class Offset : public StrongId<Offset, std::int64_t> {
 public:
  using StrongId::StrongId;
  constexpr Offset operator+(std::int64_t n) const { return Offset(value() + n); }
  constexpr Offset operator-(std::int64_t n) const { return Offset(value() - n); }
  constexpr std::int64_t operator-(Offset other) const { return value() - other.value(); }
};
using PartitionId = StrongId<struct PartitionTag, std::int32_t>;
using ProducerId = StrongId<struct ProducerTag, std::int64_t>;
using SnapshotId = StrongId<struct SnapshotTag, std::int64_t>;
// Log sequence number: one a log entry, over all partitions, strictly rising by one.
using Lsn = StrongId<struct LsnTag, std::uint64_t>;

// 128 random bits; the nil value means "none".
class Uuid {
 public:
  constexpr Uuid() = default;
  constexpr explicit Uuid(std::array<std::uint8_t, 16> bytes) : bytes_(bytes) {}
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  bool is_nil() const { return bytes_ == std::array<std::uint8_t, 16>{}; }
  // RFC 9562 text, lower case: 8-4-4-4-12.
  std::string ToString() const;
  static std::optional<Uuid> Parse(std::string_view text);
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

class TopicId : public Uuid {
 public:
  using Uuid::Uuid;
  explicit TopicId(const Uuid& u) : Uuid(u) {}
};

// One partition of one topic.
struct TopicPartition {
  TopicId topic;
  PartitionId partition;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

// Where a record stands, with its topic's name, as clients get it.
struct TopicPosition {
  std::string topic;
  PartitionId partition;
  Offset offset;
  // "events/0:42"
  std::string ToString() const;
  friend auto operator<=>(const TopicPosition&, const TopicPosition&) = default;
};

}  // namespace st

template <typename Tag, typename Rep>
struct fmt::formatter<st::StrongId<Tag, Rep>> : fmt::formatter<Rep> {
  template <typename Context>
  auto format(st::StrongId<Tag, Rep> id, Context& context) const {
    return fmt::formatter<Rep>::format(id.value(), context);
  }
};
template <>
struct fmt::formatter<st::Offset> : fmt::formatter<std::int64_t> {
  template <typename Context>
  auto format(st::Offset offset, Context& context) const {
    return fmt::formatter<std::int64_t>::format(offset.value(), context);
  }
};
template <>
struct std::hash<st::Uuid> {
  std::size_t operator()(const st::Uuid& id) const noexcept {
    std::size_t h = 0;
    for (const auto b : id.bytes()) h = h * 131 + b;
    return h;
  }
};
template <>
struct std::hash<st::TopicId> : std::hash<st::Uuid> {};
