#include "format/iceberg/manifest_schemas.h"

#include <fmt/format.h>

#include <string_view>

namespace st::iceberg {

namespace {

std::string Required(std::string_view name, std::string_view type, int id) {
  return fmt::format(R"({{"name":"{}","type":{},"field-id":{}}})", name, type, id);
}

std::string Optional(std::string_view name, std::string_view type, int id) {
  return fmt::format(R"({{"name":"{}","type":["null",{}],"default":null,"field-id":{}}})", name,
                     type, id);
}

// A map with int keys: Avro has none, so Iceberg writes a list of key and value.
std::string IntMap(std::string_view value_type, int key_id, int value_id) {
  return fmt::format(
      R"({{"type":"array","items":{{"type":"record","name":"k{0}_v{1}","fields":[{2},{3}]}},)"
      R"("logicalType":"map"}})",
      key_id, value_id, Required("key", R"("int")", key_id),
      Required("value", value_type, value_id));
}

constexpr std::string_view kInt = R"("int")";
constexpr std::string_view kLong = R"("long")";
constexpr std::string_view kString = R"("string")";
constexpr std::string_view kBytes = R"("bytes")";

std::string DataFileSchema(const std::string& partition) {
  std::string fields = Required("content", kInt, 134);
  const auto add = [&](const std::string& field) { fields += "," + field; };
  add(Required("file_path", kString, 100));
  add(Required("file_format", kString, 101));
  add(Required("partition", partition, 102));
  add(Required("record_count", kLong, 103));
  add(Required("file_size_in_bytes", kLong, 104));
  add(Optional("column_sizes", IntMap(kLong, 117, 118), 108));
  add(Optional("value_counts", IntMap(kLong, 119, 120), 109));
  add(Optional("null_value_counts", IntMap(kLong, 121, 122), 110));
  add(Optional("nan_value_counts", IntMap(kLong, 138, 139), 137));
  add(Optional("lower_bounds", IntMap(kBytes, 126, 127), 125));
  add(Optional("upper_bounds", IntMap(kBytes, 129, 130), 128));
  add(Optional("key_metadata", kBytes, 131));
  add(Optional("split_offsets", R"({"type":"array","items":"long","element-id":133})", 132));
  add(Optional("equality_ids", R"({"type":"array","items":"int","element-id":136})", 135));
  add(Optional("sort_order_id", kInt, 140));
  add(Optional("referenced_data_file", kString, 143));
  return fmt::format(R"({{"type":"record","name":"r2","fields":[{}]}})", fields);
}

}  // namespace

std::string ManifestEntrySchema(const std::string& partition) {
  return fmt::format(R"({{"type":"record","name":"manifest_entry","fields":[{},{},{},{},{}]}})",
                     Required("status", kInt, 0), Optional("snapshot_id", kLong, 1),
                     Optional("sequence_number", kLong, 3),
                     Optional("file_sequence_number", kLong, 4),
                     Required("data_file", DataFileSchema(partition), 2));
}

std::string ManifestFileSchema() {
  const auto summary = fmt::format(
      R"({{"type":"record","name":"r508","fields":[{},{},{},{}]}})",
      Required("contains_null", R"("boolean")", 509), Optional("contains_nan", R"("boolean")", 518),
      Optional("lower_bound", kBytes, 510), Optional("upper_bound", kBytes, 511));
  std::string fields = Required("manifest_path", kString, 500);
  const auto add = [&](const std::string& field) { fields += "," + field; };
  add(Required("manifest_length", kLong, 501));
  add(Required("partition_spec_id", kInt, 502));
  add(Required("content", kInt, 517));
  add(Required("sequence_number", kLong, 515));
  add(Required("min_sequence_number", kLong, 516));
  add(Required("added_snapshot_id", kLong, 503));
  add(Required("added_files_count", kInt, 504));
  add(Required("existing_files_count", kInt, 505));
  add(Required("deleted_files_count", kInt, 506));
  add(Required("added_rows_count", kLong, 512));
  add(Required("existing_rows_count", kLong, 513));
  add(Required("deleted_rows_count", kLong, 514));
  add(Optional("partitions",
               fmt::format(R"({{"type":"array","items":{},"element-id":508}})", summary), 507));
  add(Optional("key_metadata", kBytes, 519));
  return fmt::format(R"({{"type":"record","name":"manifest_file","fields":[{}]}})", fields);
}

}  // namespace st::iceberg
