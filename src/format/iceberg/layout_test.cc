// Partition specs, sort orders and partition values: round trips, PyIceberg's bytes, refusals.
#include "format/iceberg/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.h"
#include "format/avro/container.h"
#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"

namespace st::iceberg {
namespace {

using ::testing::HasSubstr;

const Uuid kSync({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

Schema AllTypes() {
  Schema schema;
  for (const auto* type :
       {"boolean", "int", "long", "float", "double", "string", "binary", "uuid", "decimal(9, 2)",
        "date", "timestamptz", "time", "timestamp", "decimal(38, 0)"}) {
    const int id = static_cast<int>(schema.fields.size()) + 1;
    schema.fields.push_back({id, fmt::format("c{}", id), type, false});
  }
  return schema;
}

PartitionSpec SpecOf(const std::vector<std::pair<int, std::string>>& fields) {
  PartitionSpec spec{.id = 3, .fields = {}};
  for (const auto& [source, transform] : fields) {
    const int id = kNoPartitionId + 1 + static_cast<int>(spec.fields.size());
    spec.fields.push_back(
        {source, id, fmt::format("p{}", id), TransformFromIceberg(transform).value()});
  }
  return spec;
}

ManifestHead HeadOf(const Schema& schema, const PartitionSpec& spec) {
  return {.schema = schema, .spec = spec, .types = TypesOf(spec, {schema}).value()};
}

TableMetadata PartitionedMetadata() {
  TableMetadata metadata{.table_uuid = "0f0e0d0c-0b0a-4908-8706-050403020100",
                         .location = "file:///w/default/t",
                         .last_column_id = 14,
                         .schemas = {AllTypes()}};
  metadata.partition_specs = {{}, SpecOf({{11, "day"}, {6, "bucket[16]"}, {2, "void"}})};
  metadata.default_spec_id = 3;
  metadata.last_partition_id = 1002;
  metadata.sort_orders = {
      {},
      {.id = 1,
       .fields = {{.source_id = 6},
                  {.source_id = 3, .is_descending = true, .has_nulls_last = true}}}};
  metadata.default_sort_order_id = 1;
  return metadata;
}

std::string ReadTestData(const std::string& name) {
  std::ifstream in("testdata/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Layout, SpecsAndOrdersComeBack) {
  const auto metadata = PartitionedMetadata();
  const auto text = EncodeTableMetadata(metadata);
  EXPECT_THAT(text, HasSubstr(R"({"spec-id":3,"fields":[{"name":"p1000","transform":"day",)"
                              R"("source-id":11,"field-id":1000},)"));
  EXPECT_THAT(text, HasSubstr(R"({"order-id":1,"fields":[{"transform":"identity","source-id":6,)"
                              R"("direction":"asc","null-order":"nulls-first"},)"));
  const auto parsed = ParseTableMetadata(text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, metadata);
  EXPECT_EQ(parsed->CurrentSpec().fields.size(), 3U);
  EXPECT_EQ(parsed->CurrentSortOrder().fields.size(), 2U);
}

TEST(Layout, WhatCannotBeWrittenIsRefused) {
  const auto text = EncodeTableMetadata(PartitionedMetadata());
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    const auto parsed = ParseTableMetadata(changed);
    return parsed ? "it was taken" : parsed.error().ToString();
  };
  EXPECT_THAT(with(R"("default-spec-id":3)", R"("default-spec-id":4)"), HasSubstr("spec-id 4"));
  EXPECT_THAT(with(R"("default-sort-order-id":1)", R"("default-sort-order-id":2)"),
              HasSubstr("order-id 2"));
  EXPECT_THAT(with(R"("transform":"day")", R"("transform":"lunar")"), HasSubstr("\"lunar\""));
  EXPECT_THAT(with(R"("source-id":11)", R"("source-id":99)"), HasSubstr("column 99"));
  EXPECT_THAT(with(R"("source-id":11)", R"("source-id":1)"), HasSubstr("not boolean"));
}

TEST(Layout, EveryTypeOfPartitionValueComesBack) {
  const auto schema = AllTypes();
  std::vector<std::pair<int, std::string>> fields;
  for (const auto& field : schema.fields) fields.emplace_back(field.id, "identity");
  for (const auto* transform : {"year", "month", "day", "hour", "bucket[4]"}) {
    fields.emplace_back(11, transform);
  }
  fields.emplace_back(9, "truncate[10]");
  fields.emplace_back(8, "identity");
  const auto spec = SpecOf(fields);
  const auto four = HexDecode("f9ffffff").value();
  const auto eight = HexDecode("0102030405060700").value();
  const std::vector<std::string> values = {"\1",
                                           four,
                                           eight,
                                           four,
                                           eight,
                                           "é x",
                                           std::string("\0\1", 2),
                                           std::string(16, '\3'),
                                           "\xff",
                                           four,
                                           eight,
                                           eight,
                                           eight,
                                           HexDecode("00ffffffffffffffffffffffffffffff").value(),
                                           four,
                                           four,
                                           four,
                                           four,
                                           four,
                                           "\x05\x8c",
                                           std::string(16, '\4')};
  ManifestEntry entry{.file_path = "file:///w/a.parquet", .record_count = 1, .file_size_bytes = 4};
  entry.sort_order_id = 2;
  auto nothing = entry;
  for (std::size_t i = 0; i < values.size(); ++i) {
    entry.partition[spec.fields[i].field_id] = values[i];
  }
  const std::vector<ManifestEntry> entries = {entry, nothing};
  const auto bytes = EncodeManifest(HeadOf(schema, spec), entries, kSync);
  const auto decoded = DecodeManifest(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, entries);
  EXPECT_EQ(avro::DecodeContainer(bytes).value().metadata.at("partition-spec-id"), "3");
}

TEST(Layout, AValueOfBeforeItsColumnBecameALongIsWidened) {
  Schema schema;
  schema.fields = {{1, "n", "long", false}};
  const auto spec = SpecOf({{1, "identity"}});
  ManifestEntry entry{.file_path = "a", .record_count = 1, .file_size_bytes = 4};
  entry.partition[1000] = HexDecode("f9ffffff").value();
  const auto decoded = DecodeManifest(EncodeManifest(HeadOf(schema, spec), {entry}, kSync));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(decoded->front().partition.at(1000), HexDecode("f9ffffffffffffff").value());
}

TEST(Layout, SummariesAreTheBoundsOfAManifest) {
  const auto schema = AllTypes();
  const auto spec = SpecOf({{3, "identity"}, {5, "identity"}});
  const auto number = [](std::string_view hex) { return HexDecode(hex).value(); };
  std::vector<ManifestEntry> entries(3);
  entries[0].partition = {{1000, number("ffffffffffffffff")},
                          {1001, number("000000000000f87f")}};  // -1, NaN
  entries[1].partition = {{1000, number("0700000000000000")}};
  entries[2].partition = {{1000, number("0300000000000000")}, {1001, number("000000000000f03f")}};
  const auto summaries = SummariesOf(HeadOf(schema, spec), entries);
  const FieldSummary numbers{.contains_null = false,
                             .contains_nan = false,
                             .lower = number("ffffffffffffffff"),
                             .upper = number("0700000000000000")};
  const FieldSummary doubles{.contains_null = true,
                             .contains_nan = true,
                             .lower = number("000000000000f03f"),
                             .upper = number("000000000000f03f")};
  EXPECT_EQ(summaries, (std::vector<FieldSummary>{numbers, doubles}));
  const std::vector<ManifestFile> files = {
      {.path = "a", .length = 1, .spec_id = 3, .partitions = summaries}};
  EXPECT_EQ(DecodeManifestList(EncodeManifestList({.id = 1}, files, kSync)).value(), files);
}

// Written by testdata/make_partitioned.py.
TEST(Layout, ReadsPyIcebergsPartitions) {
  const auto decoded = DecodeManifest(ReadTestData("pyiceberg_partitioned.avro"));
  ASSERT_TRUE(decoded) << decoded.error().message();
  ASSERT_EQ(decoded->size(), 2U);
  std::string values;
  for (const auto& [id, value] : decoded->front().partition) {
    values += fmt::format("{}={} ", id, HexEncode(value));
  }
  EXPECT_EQ(values,
            "1000=01 1001=f9ffffff 1002=0000000000010000 1003=0000c03f 1004=00000000000004c0 "
            "1005=c3a92078 1006=0001 1007=00000000000000000000000000000102 1008=ff 1009=4e440000 "
            "1010=f28c51514b5f0500 1100=5d440000 1101=ca680600 1102=09000000 ");
  EXPECT_TRUE(decoded->back().partition.empty());
  EXPECT_EQ(decoded->back().sort_order_id, 1);
  const auto list = DecodeManifestList(ReadTestData("pyiceberg_partitioned_list.avro"));
  ASSERT_TRUE(list) << list.error().message();
  EXPECT_EQ(list->front().spec_id, 3);
  ASSERT_EQ(list->front().partitions.size(), 14U);
  EXPECT_TRUE(list->front().partitions[0].contains_null);
  EXPECT_EQ(list->front().partitions[5].lower, "\xc3\xa9 x");
}

TEST(Layout, SurvivesTruncationsAndFlippedBytes) {
  const auto whole = ReadTestData("pyiceberg_partitioned.avro");
  ASSERT_FALSE(whole.empty());
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    const auto decoded = DecodeManifest(whole.substr(0, n));
    EXPECT_TRUE(!decoded || decoded->size() < 2) << n;
  }
  for (std::size_t i = 0; i < whole.size(); i += 5) {
    auto bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ '\x10');
    Ignore(DecodeManifest(bytes), "whatever it is, it does not crash");
  }
}

// An odd name of a column is spelt as Avro wants it, and the same type twice is named once.
TEST(Layout, NamesInAvroAreLettersDigitsAndUnderscores) {
  Schema schema;
  schema.fields = {{1, "a b", "uuid", false}, {2, "2é", "uuid", false}};
  PartitionSpec spec{.id = 0, .fields = {{1, 1000, "a b", {}}, {2, 1001, "2é", {}}}};
  ManifestEntry entry{.file_path = "a", .record_count = 1, .file_size_bytes = 4};
  entry.partition = {{1000, std::string(16, 'x')}, {1001, std::string(16, 'y')}};
  const auto bytes = EncodeManifest(HeadOf(schema, spec), {entry}, kSync);
  const auto written = avro::DecodeContainer(bytes).value().metadata.at("avro.schema");
  EXPECT_THAT(written, HasSubstr(R"("name":"a_x20b")"));
  EXPECT_THAT(written, HasSubstr(R"("name":"_2_xC3_xA9","type":["null","uuid_fixed"])"));
  EXPECT_EQ(DecodeManifest(bytes).value().front().partition, entry.partition);
}

}  // namespace
}  // namespace st::iceberg
