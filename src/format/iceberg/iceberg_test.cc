// Metadata, manifests and manifest lists: round trips, PyIceberg's bytes, and damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "format/avro/container.h"
#include "format/iceberg/manifest.h"
#include "format/iceberg/table_metadata.h"

namespace st::iceberg {
namespace {

using ::testing::HasSubstr;

const Uuid kSync({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

Schema TestSchema() {
  return {.id = 0, .fields = {{1, "a", "long", false}, {2, "amount", "decimal(9, 2)", false}}};
}

ManifestHead TestHead() {
  static const Schema schema = TestSchema();
  static const PartitionSpec unpartitioned;
  return {.schema = schema, .spec = unpartitioned, .types = {}};
}

TableMetadata TestMetadata() {
  TableMetadata metadata{
      .table_uuid = "0f0e0d0c-0b0a-4908-8706-050403020100",
      .location = "file:///w/default/t",
      .last_sequence_number = 2,
      .last_updated_ms = 1700000000123,
      .last_column_id = 2,
      .schemas = {TestSchema()},
      .properties = {{"steelthread.offsets", R"({"a":"\u00e9"})"}},
      .current_snapshot_id = 12,
      .snapshot_log = {{1700000000000, 11}, {1700000000123, 12}},
      .metadata_log = {{1700000000000, "file:///w/default/t/metadata/v1.metadata.json"}}};
  metadata.snapshots.push_back({.id = 11,
                                .sequence_number = 1,
                                .timestamp_ms = 1700000000000,
                                .manifest_list = "file:///w/default/t/metadata/snap-11.avro",
                                .summary = {{"operation", "append"}, {"total-records", "5"}}});
  metadata.snapshots.push_back({.id = 12,
                                .parent = 11,
                                .sequence_number = 2,
                                .timestamp_ms = 1700000000123,
                                .manifest_list = "file:///w/default/t/metadata/snap-12.avro",
                                .summary = {{"operation", "append"}}});
  return metadata;
}

ManifestEntry TestEntry() {
  return {.status = EntryStatus::kExisting,
          .snapshot_id = 12,
          .sequence_number = 2,
          .file_sequence_number = 2,
          .file_path = "file:///w/default/t/data/a.parquet",
          .record_count = 3,
          .file_size_bytes = 400,
          .column_sizes = {{1, 30}, {2, 40}},
          .value_counts = {{1, 3}, {2, 3}},
          .null_value_counts = {{1, 0}, {2, 1}},
          .nan_value_counts = {{2, 1}},
          .lower_bounds = {{1, std::string("\1\0\0\0\0\0\0\0", 8)}},
          .upper_bounds = {{1, std::string("\x09\0\0\0\0\0\0\0", 8)}},
          .split_offsets = {4, 70'000}};
}

std::string ReadTestData(const std::string& name) {
  std::ifstream in("testdata/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(TableMetadata, ComesBackAsItWas) {
  const auto metadata = TestMetadata();
  const auto parsed = ParseTableMetadata(EncodeTableMetadata(metadata));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, metadata);
  EXPECT_EQ(parsed->CurrentSnapshot()->id, 12);
  EXPECT_EQ(parsed->CurrentSchema()->fields.size(), 2U);
}

TEST(TableMetadata, WithoutSnapshotsComesBackToo) {
  auto metadata = TestMetadata();
  metadata.current_snapshot_id.reset();
  metadata.snapshots.clear();
  const auto text = EncodeTableMetadata(metadata);
  EXPECT_THAT(text, HasSubstr(R"("current-snapshot-id":-1,"refs":{})"));
  const auto parsed = ParseTableMetadata(text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, metadata);
}

TEST(TableMetadata, NestedColumnsAndCommentsComeBack) {
  auto metadata = TestMetadata();
  const std::string list =
      R"({"type":"list","element-id":5,"element":{"type":"struct","fields":[{"id":6,"name":"b",)"
      R"("required":true,"type":"long","doc":"inner"}]},"element-required":false})";
  metadata.schemas.push_back(
      {.id = 1, .fields = {{1, "a", "long", true, "what a is"}, {4, "items", list, false}}});
  metadata.current_schema_id = 1;
  metadata.last_column_id = 6;
  const auto text = EncodeTableMetadata(metadata);
  EXPECT_THAT(text, HasSubstr(R"({"id":4,"name":"items","required":false,"type":)" + list + "}"));
  EXPECT_THAT(text, HasSubstr(R"("type":"long","doc":"what a is"})"));
  const auto parsed = ParseTableMetadata(text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, metadata);
}

TEST(TableMetadata, ATypeThatIsNoneIsDamageWithItsColumn) {
  auto text = EncodeTableMetadata(TestMetadata());
  const std::string type = R"("type":"long")";
  text.replace(text.find(type), type.size(), R"("type":{"type":"list","element":"int"})");
  const auto refused = ParseTableMetadata(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(refused.error().message(), HasSubstr("column \"a\": the type list"));
}

// What the specification asks of a version 2 file, spelt out once.
TEST(TableMetadata, TagsKeepTheirSnapshotAndAge) {
  auto metadata = TestMetadata();
  metadata.tags = {{.name = "day-2023-11-14", .snapshot_id = 11, .max_age_ms = 86'400'000},
                   {.name = "for good", .snapshot_id = 12, .max_age_ms = {}}};
  const auto text = EncodeTableMetadata(metadata);
  EXPECT_THAT(text,
              HasSubstr(R"("refs":{"main":{"snapshot-id":12,"type":"branch"},"day-2023-11-14":)"
                        R"({"snapshot-id":11,"type":"tag","max-ref-age-ms":86400000},"for good":)"
                        R"({"snapshot-id":12,"type":"tag"}})"));
  EXPECT_EQ(ParseTableMetadata(text).value(), metadata);
  metadata.tags[0].snapshot_id = 13;
  EXPECT_THAT(ParseTableMetadata(EncodeTableMetadata(metadata)).error().message(),
              HasSubstr("no snapshot 13 of the tag day-2023-11-14"));
}

TEST(TableMetadata, TheBranchMainKeepsTheAgeOfItsSnapshots) {
  auto metadata = TestMetadata();
  metadata.max_snapshot_age_ms = 3'600'000;
  const auto text = EncodeTableMetadata(metadata);
  EXPECT_THAT(text, HasSubstr(R"("refs":{"main":{"snapshot-id":12,"type":"branch",)"
                              R"("max-snapshot-age-ms":3600000}})"));
  EXPECT_EQ(ParseTableMetadata(text).value(), metadata);
}

TEST(TableMetadata, ABranchBesideMainIsRefused) {
  auto text = EncodeTableMetadata(TestMetadata());
  const std::string main = R"("main":{)";
  text.replace(text.find(main), main.size(),
               R"("audit":{"snapshot-id":11,"type":"branch"},"main":{)");
  const auto refused = ParseTableMetadata(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message(), HasSubstr("branch audit"));
}

TEST(TableMetadata, IsWrittenAsTheSpecificationWants) {
  EXPECT_EQ(
      EncodeTableMetadata(TestMetadata()),
      R"({"format-version":2,"table-uuid":"0f0e0d0c-0b0a-4908-8706-050403020100",)"
      R"("location":"file:///w/default/t","last-sequence-number":2,)"
      R"("last-updated-ms":1700000000123,"last-column-id":2,"current-schema-id":0,)"
      R"("schemas":[{"type":"struct","schema-id":0,"fields":[)"
      R"({"id":1,"name":"a","required":false,"type":"long"},)"
      R"j({"id":2,"name":"amount","required":false,"type":"decimal(9, 2)"}]}],)j"
      R"("default-spec-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],)"
      R"("last-partition-id":999,"default-sort-order-id":0,)"
      R"("sort-orders":[{"order-id":0,"fields":[]}],)"
      R"("properties":{"steelthread.offsets":"{\"a\":\"\\u00e9\"}"},"current-snapshot-id":12,)"
      R"("refs":{"main":{"snapshot-id":12,"type":"branch"}},"snapshots":[)"
      R"({"sequence-number":1,"snapshot-id":11,"timestamp-ms":1700000000000,)"
      R"("summary":{"operation":"append","total-records":"5"},)"
      R"("manifest-list":"file:///w/default/t/metadata/snap-11.avro","schema-id":0},)"
      R"({"sequence-number":2,"snapshot-id":12,"parent-snapshot-id":11,)"
      R"("timestamp-ms":1700000000123,"summary":{"operation":"append"},)"
      R"("manifest-list":"file:///w/default/t/metadata/snap-12.avro","schema-id":0}],)"
      R"("statistics":[],"partition-statistics":[],)"
      R"("snapshot-log":[{"timestamp-ms":1700000000000,"snapshot-id":11},)"
      R"({"timestamp-ms":1700000000123,"snapshot-id":12}],)"
      R"("metadata-log":[{"timestamp-ms":1700000000000,)"
      R"("metadata-file":"file:///w/default/t/metadata/v1.metadata.json"}]})");
}

TEST(TableMetadata, NamesTheKeyThatIsWrong) {
  const auto text = EncodeTableMetadata(TestMetadata());
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    const auto parsed = ParseTableMetadata(changed);
    return parsed ? "it was taken" : parsed.error().message();
  };
  EXPECT_THAT(with(R"("location":"file)", R"("locatiom":"file)"), HasSubstr("\"location\""));
  EXPECT_THAT(with(R"("snapshot-id":11)", R"("snapshot-id":"x")"),
              HasSubstr("\"snapshots[0].snapshot-id\""));
  EXPECT_THAT(with(R"("current-snapshot-id":12)", R"("current-snapshot-id":99)"), HasSubstr("99"));
  EXPECT_THAT(with(R"("current-schema-id":0)", R"("current-schema-id":3)"), HasSubstr("3"));
  EXPECT_THAT(with(R"("format-version":2)", R"("format-version":3)"), HasSubstr("format-version"));
  EXPECT_THAT(with(R"("type":"long")", R"("type":{"type":"list"})"), HasSubstr("\"a\""));
  EXPECT_THAT(with(R"("spec-id":0,"fields":[])", R"("spec-id":0,"fields":[{}])"),
              HasSubstr("partition-specs[0].fields[0].source-id"));
  EXPECT_THAT(with(R"("last-sequence-number":2)", R"("last-sequence-number":18446744073709551615)"),
              HasSubstr("last-sequence-number"));
}

TEST(TableMetadata, RefusesEveryTruncation) {
  const auto text = EncodeTableMetadata(TestMetadata());
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(ParseTableMetadata(text.substr(0, n)));
}

TEST(TableMetadata, SurvivesEveryFlippedByte) {
  const auto text = EncodeTableMetadata(TestMetadata());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto bytes = text;
    bytes[i] = static_cast<char>(bytes[i] ^ '\x04');
    if (!ParseTableMetadata(bytes)) ++refused;
  }
  EXPECT_GT(refused, text.size() / 2);
}

TEST(Manifest, ComesBackAsItWas) {
  auto added = TestEntry();
  added.status = EntryStatus::kAdded;
  added.sequence_number.reset();
  added.file_sequence_number.reset();
  added.lower_bounds.clear();
  added.split_offsets.clear();
  const std::vector<ManifestEntry> entries = {TestEntry(), added};
  const auto bytes = EncodeManifest(TestHead(), entries, kSync);
  const auto decoded = DecodeManifest(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, entries);
  const auto metadata = avro::DecodeContainer(bytes).value().metadata;
  EXPECT_EQ(metadata.at("format-version"), "2");
  EXPECT_EQ(metadata.at("content"), "data");
  EXPECT_EQ(metadata.at("partition-spec"), "[]");
  EXPECT_EQ(metadata.at("schema"), EncodeSchema(TestSchema()));
}

TEST(Manifest, RefusesAnExistingEntryWithoutSequenceNumber) {
  auto entry = TestEntry();
  entry.sequence_number.reset();
  const auto decoded = DecodeManifest(EncodeManifest(TestHead(), {entry}, kSync));
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message(), HasSubstr("sequence_number"));
}

TEST(Manifest, RefusesANegativeCount) {
  auto entry = TestEntry();
  entry.record_count = -1;
  const auto decoded = DecodeManifest(EncodeManifest(TestHead(), {entry}, kSync));
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message(), HasSubstr("record_count"));
}

TEST(Manifest, ChecksumsComeBackWithTheirFiles) {
  std::vector<ManifestEntry> entries(3, TestEntry());
  entries[0].crc32c = 0xff;
  entries[2].crc32c = 0xdeadbeef;
  const auto decoded = DecodeManifest(EncodeManifest(TestHead(), entries, kSync));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, entries);
}

TEST(Manifest, ChecksumsThatAreNoneAreRefused) {
  auto entry = TestEntry();
  entry.crc32c = 0xdeadbeef;
  std::string bytes = EncodeManifest(TestHead(), {entry}, kSync);
  const auto at = bytes.find("deadbeef");
  for (const auto* text : {"deadbeeg", "dead,eef"}) {
    const auto decoded = DecodeManifest(bytes.replace(at, 8, text));
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kCorruption);
    EXPECT_THAT(decoded.error().message(), HasSubstr("steelthread.crc32c"));
  }
}

// Written by PyIceberg 0.12.0 with its deflate codec.
TEST(Manifest, ReadsPyIcebergs) {
  const auto decoded = DecodeManifest(ReadTestData("pyiceberg_manifest.avro"));
  ASSERT_TRUE(decoded) << decoded.error().message();
  ASSERT_EQ(decoded->size(), 2U);
  const auto& added = (*decoded)[0];
  EXPECT_EQ(added.status, EntryStatus::kAdded);
  EXPECT_EQ(added.snapshot_id, 77);
  EXPECT_EQ(added.sequence_number, std::nullopt);
  EXPECT_EQ(added.file_path, "file:///w/data/a.parquet");
  EXPECT_EQ(added.record_count, 3);
  EXPECT_EQ(added.file_size_bytes, 400);
  EXPECT_EQ(added.column_sizes, (std::map<int, std::int64_t>{{1, 30}, {2, 40}}));
  EXPECT_EQ(added.null_value_counts, (std::map<int, std::int64_t>{{1, 0}, {2, 1}}));
  EXPECT_EQ(added.lower_bounds.at(2), "abc");
  EXPECT_EQ(added.upper_bounds.at(1), std::string("\x09\0\0\0\0\0\0\0", 8));
  const auto& existing = (*decoded)[1];
  EXPECT_EQ(existing.status, EntryStatus::kExisting);
  EXPECT_EQ(existing.snapshot_id, 70);
  EXPECT_EQ(existing.sequence_number, 5);
  EXPECT_EQ(existing.file_sequence_number, 4);
}

TEST(ManifestList, ReadsPyIcebergs) {
  const auto decoded = DecodeManifestList(ReadTestData("pyiceberg_list.avro"));
  ASSERT_TRUE(decoded) << decoded.error().message();
  const ManifestFile want{.path = "file:///w/metadata/m0.avro",
                          .length = 4267,
                          .sequence_number = 6,
                          .min_sequence_number = 5,
                          .added_snapshot_id = 77,
                          .added_files = 1,
                          .existing_files = 1,
                          .deleted_files = 0,
                          .added_rows = 3,
                          .existing_rows = 1,
                          .deleted_rows = 0};
  EXPECT_EQ(*decoded, std::vector<ManifestFile>{want});
}

TEST(ManifestList, ComesBackAsItWas) {
  const std::vector<ManifestFile> files = {
      {.path = "file:///w/a.avro", .length = 10, .sequence_number = 1, .added_files = 1},
      {.path = "file:///w/b.avro",
       .length = 20,
       .sequence_number = 7,
       .min_sequence_number = 2,
       .added_snapshot_id = 1LL << 52,
       .existing_files = 3,
       .existing_rows = 1LL << 40}};
  const auto bytes =
      EncodeManifestList({.id = 12, .parent = 11, .sequence_number = 7}, files, kSync);
  const auto decoded = DecodeManifestList(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, files);
  const auto metadata = avro::DecodeContainer(bytes).value().metadata;
  EXPECT_EQ(metadata.at("snapshot-id"), "12");
  EXPECT_EQ(metadata.at("sequence-number"), "7");
}

TEST(Manifest, SurvivesEveryTruncationAndFlippedByte) {
  const auto whole = EncodeManifest(TestHead(), {TestEntry()}, kSync);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto decoded = DecodeManifest(whole.substr(0, n));
    EXPECT_TRUE(!decoded || decoded->empty()) << n;
  }
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ '\x10');
    if (!DecodeManifest(bytes)) ++refused;
  }
  EXPECT_GT(refused, 0U);
}

}  // namespace
}  // namespace st::iceberg
