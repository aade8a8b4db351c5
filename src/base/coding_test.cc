#include "base/coding.h"

#include <gtest/gtest.h>

namespace st {
namespace {

TEST(Coding, BigEndianIsNetworkOrder) {
  std::string out;
  AppendBig<std::int32_t>(out, 1);
  EXPECT_EQ(out, std::string("\0\0\0\1", 4));
  EXPECT_EQ(LoadBig<std::int32_t>(out), 1);
}

TEST(Coding, VarintsRoundTripAndEachTruncationIsRefused) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                   std::int64_t{64}, INT64_MAX, INT64_MIN}) {
    std::string bytes;
    AppendVarint(bytes, ZigZag(value));
    EXPECT_EQ(bytes.size(), VarintBytes(ZigZag(value)));
    ByteReader in(bytes);
    EXPECT_EQ(UnZigZag(in.Varint()), value);
    EXPECT_TRUE(in.is_at_end());
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      ByteReader cut(std::string_view(bytes).substr(0, n));
      EXPECT_EQ(cut.Varint(), 0U);
      EXPECT_FALSE(cut.ok()) << value << " of " << n << " bytes";
    }
  }
}

TEST(Coding, VarintsHaveTheBytesOfLeb128) {
  std::string bytes;
  AppendVarint(bytes, 624485);  // the example of the DWARF specification
  EXPECT_EQ(bytes, "\xE5\x8E\x26");
}

TEST(Coding, AVarintEndsAtTenBytes) {
  const std::string nine(9, '\xFF');
  for (const HighBits high_bits : {HighBits::kRefuse, HighBits::kDrop}) {
    const std::string endless = nine + "\xFF\x01";
    ByteReader in(endless);
    in.Varint(high_bits);
    EXPECT_FALSE(in.ok());
    const std::string largest = nine + "\x01";
    EXPECT_EQ(ByteReader(largest).Varint(high_bits), UINT64_MAX);
  }
}

TEST(Coding, AVarintsHighBitsAreRefusedOrDropped) {
  const std::string bytes = std::string(9, '\x80') + "\x03";
  ByteReader refusing(bytes);
  EXPECT_EQ(refusing.Varint(), 0U);
  EXPECT_FALSE(refusing.ok());
  ByteReader dropping(bytes);
  EXPECT_EQ(dropping.Varint(HighBits::kDrop), std::uint64_t{1} << 63);
  EXPECT_TRUE(dropping.is_at_end());
}

TEST(ByteReader, GivesZerosOnceItIsBroken) {
  std::string bytes;
  AppendLittle(bytes, std::uint16_t{0x0102});
  AppendBig(bytes, std::uint32_t{0x03040506});
  const Uuid id({1, 2, 3});
  AppendUuid(bytes, id);
  bytes += "text";
  ByteReader in(bytes);
  EXPECT_EQ(in.Little<std::uint16_t>(), 0x0102);
  EXPECT_EQ(in.Big<std::uint32_t>(), 0x03040506U);
  EXPECT_EQ(in.Id(), id);
  EXPECT_EQ(in.left(), "text");
  EXPECT_EQ(in.Bytes(3), "tex");
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.is_at_end());
  EXPECT_EQ(in.Big<std::uint16_t>(), 0) << "one byte is left";
  EXPECT_FALSE(in.ok());
  EXPECT_FALSE(in.is_at_end());
  EXPECT_EQ(in.left(), "");
  EXPECT_EQ(in.Little<std::uint8_t>(), 0);
  EXPECT_EQ(in.Varint(), 0U);
  EXPECT_EQ(in.Bytes(1), "");
  EXPECT_EQ(in.Id(), Uuid());
}

TEST(ByteReader, ANegativeLengthBreaksIt) {
  ByteReader in("bytes");
  EXPECT_EQ(in.Bytes(static_cast<std::uint64_t>(std::int64_t{-1})), "");
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace st
