// Tests Avro container files: fastavro's bytes, our own bytes, and hostile bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "format/avro/container.h"

namespace st::avro {
namespace {

using ::testing::HasSubstr;

// fastavro 1.13.1 wrote these files from the same two rows, with the sync marker
// "0123456789abcdef".
std::string Golden(const std::string& name) {
  std::ifstream in("avro_fuzz_corpus/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Uuid Sync() {
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n("0123456789abcdef", 16, bytes.begin());
  return Uuid(bytes);
}

std::string FirstRow() {
  Encoder row;
  row.Boolean(true);
  row.Long(-1);
  row.Long(std::int64_t{1} << 40);
  row.Float(1.5F);
  row.Double(-2.25);
  row.Bytes(std::string_view("\0\xff", 2));
  row.Bytes("\xc3\xa9");
  row.Fixed("abcd");
  row.Long(1);
  row.Branch(0);
  row.BlockStart(3);
  for (const int i : {1, -64, 64}) row.Long(i);
  row.BlockStart(0);
  row.BlockStart(1);
  row.Bytes("k");
  row.Bytes("v");
  row.BlockStart(0);
  row.Branch(1);
  row.BlockStart(1);
  row.Long(7);
  row.Bytes("q");
  row.BlockStart(0);
  return row.Take();
}

std::string SecondRow() {
  Encoder row;
  row.Boolean(false);
  row.Long(2147483647);
  row.Long(INT64_MIN);
  row.Float(0);
  row.Double(0);
  row.Bytes("");
  row.Bytes("");
  row.Fixed(std::string_view("\0\0\0\0", 4));
  row.Long(0);
  row.Branch(1);
  row.Long(5);
  row.BlockStart(0);
  row.BlockStart(0);
  row.Branch(0);
  return row.Take();
}

void ExpectGoldenRows(const Container& container) {
  ASSERT_EQ(container.rows.size(), 2U);
  const auto& row = container.rows[0];
  EXPECT_EQ(row.Field(1)->integer, 1);
  EXPECT_EQ(row.Field(2)->integer, -1);
  EXPECT_EQ(row.Field(3)->integer, std::int64_t{1} << 40);
  EXPECT_EQ(row.Field(4)->number, 1.5);
  EXPECT_EQ(row.Field(5)->number, -2.25);
  EXPECT_EQ(row.Field(6)->bytes, std::string("\0\xff", 2));
  EXPECT_EQ(row.Field(7)->bytes, "\xc3\xa9");
  EXPECT_EQ(row.Field(8)->bytes, "abcd");
  EXPECT_EQ(row.Field(9)->integer, 1);
  EXPECT_EQ(row.Field(10), nullptr);
  ASSERT_EQ(row.Field(11)->items.size(), 3U);
  EXPECT_EQ(row.Field(11)->items[1].integer, -64);
  EXPECT_EQ(row.Field(11)->node->element_id, 12);
  ASSERT_EQ(row.Field(13)->keys, std::vector<std::string>{"k"});
  EXPECT_EQ(row.Field(13)->items[0].bytes, "v");
  ASSERT_EQ(row.Field(16)->items.size(), 1U);
  EXPECT_EQ(row.Field(16)->node->logical_type, "map");
  EXPECT_EQ(row.Field(16)->items[0].Field(14)->integer, 7);
  EXPECT_EQ(row.Field(16)->items[0].Field(15)->bytes, "q");
  EXPECT_EQ(container.rows[1].Field(3)->integer, INT64_MIN);
  EXPECT_EQ(container.rows[1].Field(10)->integer, 5);
  EXPECT_EQ(container.rows[1].Field(16), nullptr);
  EXPECT_EQ(container.rows[1].Field(99), nullptr);
}

TEST(AvroContainer, ReadsFastavrosFiles) {
  for (const auto* name : {"fastavro_null", "fastavro_deflate"}) {
    const auto container = DecodeContainer(Golden(name));
    ASSERT_TRUE(container) << container.error().message();
    EXPECT_EQ(container->metadata.at("who"), "fastavro");
    ExpectGoldenRows(*container);
  }
}

TEST(AvroContainer, WritesTheBlockThatFastavroWrites) {
  const auto golden = Golden("fastavro_null");
  Encoder block;
  block.Long(2);
  block.Bytes(FirstRow() + SecondRow());
  block.Fixed("0123456789abcdef");
  EXPECT_TRUE(golden.ends_with(block.bytes()));
}

TEST(AvroContainer, ReadsWhatItWrites) {
  const auto schema = DecodeContainer(Golden("fastavro_null")).value().metadata.at("avro.schema");
  for (const auto codec : {Codec::kNull, Codec::kDeflate}) {
    ContainerWriter writer(schema, {{"mine", "yes"}}, Sync(), codec);
    writer.Append(FirstRow());
    writer.Append(SecondRow());
    const auto container = DecodeContainer(writer.Finish());
    ASSERT_TRUE(container) << container.error().message();
    EXPECT_EQ(container->metadata.at("mine"), "yes");
    ExpectGoldenRows(*container);
  }
}

TEST(AvroContainer, ReadsAFileWithoutRows) {
  ContainerWriter writer(R"("long")", {}, Sync(), Codec::kNull);
  const auto container = DecodeContainer(writer.Finish());
  ASSERT_TRUE(container);
  EXPECT_TRUE(container->rows.empty());
}

TEST(AvroContainer, RefusesEveryTruncation) {
  for (const auto* name : {"fastavro_null", "fastavro_deflate"}) {
    const auto golden = Golden(name);
    // A file that ends behind its header is valid: it has no blocks.
    const auto header_end = golden.find("0123456789abcdef") + 16;
    for (std::size_t n = 0; n < golden.size(); ++n) {
      EXPECT_EQ(DecodeContainer(golden.substr(0, n)).has_value(), n == header_end) << n;
    }
  }
}

TEST(AvroContainer, SurvivesEveryFlippedByte) {
  for (const auto* name : {"fastavro_null", "fastavro_deflate"}) {
    const auto golden = Golden(name);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < golden.size(); ++i) {
      for (const char flip : {'\x01', '\x80', '\xff'}) {
        auto bytes = golden;
        bytes[i] = static_cast<char>(bytes[i] ^ flip);
        if (!DecodeContainer(bytes)) ++refused;
      }
    }
    EXPECT_GT(refused, golden.size() / 4);  // other flips change names and values only
  }
}

TEST(AvroContainer, NamesTheByteOfDamage) {
  auto bytes = Golden("fastavro_null");
  bytes.back() = '!';
  const auto container = DecodeContainer(bytes);
  ASSERT_FALSE(container);
  EXPECT_EQ(container.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(container.error().message(), HasSubstr(std::to_string(bytes.size())));
}

TEST(AvroContainer, RefusesAnUnknownCodec) {
  auto bytes = Golden("fastavro_null");
  bytes.replace(bytes.find("null"), 4, "lzma");
  const auto container = DecodeContainer(bytes);
  ASSERT_FALSE(container);
  EXPECT_EQ(container.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(container.error().message(), HasSubstr("\"lzma\""));
}

// Values that take no bytes must not make a block take unlimited memory.
TEST(AvroContainer, RefusesMoreValuesThanItsBytesCanHold) {
  ContainerWriter header(R"({"type":"array","items":"null"})", {}, Sync(), Codec::kNull);
  Encoder rows;
  rows.Long(std::int64_t{1} << 40);
  rows.BlockStart(0);
  header.Append(rows.bytes());
  EXPECT_FALSE(DecodeContainer(header.Finish()));
}

TEST(AvroSchema, RefusesTextThatIsNotASchema) {
  for (const auto* json :
       {"", "{", "7", R"("nothing")", R"({"name":"x"})", R"({"type":"record","name":"r"})",
        R"({"type":"record","fields":[]})", R"({"type":"array"})", R"([["null"]])",
        R"({"type":"fixed","name":"f"})", R"({"type":"enum","name":"e"})",
        R"({"type":"record","name":"r","fields":[{"name":"a"}]})",
        R"([{"type":"fixed","name":"f","size":1},{"type":"fixed","name":"f","size":1}])"}) {
    EXPECT_FALSE(Schema::Parse(json)) << json;
  }
}

TEST(AvroSchema, TakesARecordThatHoldsItself) {
  const auto schema = Schema::Parse(
      R"({"type":"record","name":"a.list","fields":[{"name":"next","type":["null","list"]}]})");
  ASSERT_TRUE(schema) << schema.error().message();
  EXPECT_EQ((*schema)->root().name, "a.list");
}

TEST(AvroSchema, RefusesEndlessNesting) {
  std::string json;
  for (int i = 0; i < 100'000; ++i) json += R"({"type":)";
  EXPECT_FALSE(Schema::Parse(json));
  json.clear();
  for (int i = 0; i < 50; ++i) json += R"({"type":"array","items":)";
  json += R"("null")" + std::string(50, '}');
  const auto schema = Schema::Parse(json);
  ASSERT_FALSE(schema);
  EXPECT_THAT(schema.error().message(), HasSubstr("deeper"));
}

}  // namespace
}  // namespace st::avro
