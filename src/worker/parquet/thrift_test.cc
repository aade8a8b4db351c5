// Tests structs of Thrift's compact protocol, whole, cut short and malformed.
#include "worker/parquet/thrift.h"

#include <gtest/gtest.h>

#include "worker/parquet/limits.h"

namespace st::worker::parquet {
namespace {

using Type = ThriftValue::Type;

// A struct with a field of each type, the last far from the one before; bytes by Thrift's compact
// protocol specification.
ThriftValue EachType() {
  const ThriftValue inner{.items = {{.type = Type::kI64, .number = -3}}, .fields = {1}};
  const ThriftValue numbers{
      .type = Type::kList,
      .element = Type::kI32,
      .items = {{.type = Type::kI32, .number = 1}, {.type = Type::kI32, .number = 300}}};
  const ThriftValue flags{.type = Type::kList,
                          .element = Type::kTrue,
                          .items = {{.type = Type::kTrue}, {.type = Type::kFalse}}};
  return {.items = {{.type = Type::kTrue},
                    {.type = Type::kFalse},
                    {.type = Type::kByte, .number = -1},
                    {.type = Type::kI16, .number = 2},
                    {.type = Type::kBinary, .bytes = "ab"},
                    {.type = Type::kDouble, .bytes = std::string(8, '\1')},
                    numbers,
                    flags,
                    inner},
          .fields = {1, 2, 3, 4, 5, 6, 7, 8, 1000}};
}

constexpr char kEachTypeBytes[] =
    "\x11\x12\x13\xff\x14\x04\x18\x02"
    "ab\x17\1\1\1\1\1\1\1\1\x19\x25\x02\xd8\x04\x19\x21\x01\x02\x0c\xd0\x0f\x16\x05\x00";
constexpr std::string_view kEachType(kEachTypeBytes, sizeof(kEachTypeBytes));

TEST(Thrift, WritesAndReadsEachType) {
  EXPECT_EQ(ThriftBytes(EachType()), kEachType);
  const auto parsed = ParseThrift(kEachType);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, EachType());
}

TEST(Thrift, RefusesEachTruncationAndMoreBytes) {
  for (std::size_t size = 0; size < kEachType.size(); ++size) {
    const auto parsed = ParseThrift(kEachType.substr(0, size));
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kCorruption) << size;
  }
  EXPECT_FALSE(ParseThrift(std::string(kEachType) + '\0'));
}

TEST(Thrift, AnyFlippedByteIsAnErrorOrAnotherStruct) {
  for (std::size_t i = 0; i < kEachType.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes(kEachType);
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      const auto parsed = ParseThrift(bytes);
      EXPECT_TRUE(!parsed || *parsed != EachType()) << i << ' ' << bit;
    }
  }
}

TEST(Thrift, ALongListHasItsLengthBehind) {
  ThriftValue list{.type = Type::kList, .element = Type::kI64};
  for (int i = 0; i < 20; ++i) list.items.push_back({.type = Type::kI64, .number = i});
  const ThriftValue value{.items = {list}, .fields = {1}};
  const auto bytes = ThriftBytes(value);
  EXPECT_EQ(bytes.substr(0, 3), "\x19\xf6\x14");
  EXPECT_EQ(ParseThrift(bytes).value(), value);
}

TEST(Thrift, RefusesWhatParquetDoesNotUse) {
  const auto map = ParseThrift(std::string_view("\x1b\x00\x00", 3));
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().code(), ErrorCode::kUnsupported);
  const std::string deep(kMaxThriftDepth, '\x1c');
  EXPECT_EQ(ParseThrift(deep).error().code(), ErrorCode::kUnsupported);
  EXPECT_EQ(ParseThrift(std::string_view("\x19\x1f\x00", 3)).error().code(),
            ErrorCode::kUnsupported)
      << "a list of the type 15";
  EXPECT_EQ(ParseThrift(std::string_view("\x19\xf6\xff\xff\xff\xff\x0f", 7)).error().code(),
            ErrorCode::kCorruption)
      << "a list that is longer than the bytes";
}

TEST(Thrift, FindsAndErasesFieldsByTheirNumbers) {
  auto value = EachType();
  EXPECT_EQ(value.NumberAt(4).value(), 2);
  EXPECT_FALSE(value.NumberAt(5)) << "a text";
  EXPECT_FALSE(value.NumberAt(99));
  value.Erase(4);
  value.Erase(99);
  EXPECT_EQ(value.Find(4), nullptr);
  EXPECT_EQ(value.Find(5)->bytes, "ab");
}

}  // namespace
}  // namespace st::worker::parquet
