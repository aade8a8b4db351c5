#include "format/iceberg/manifest.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "format/avro/container.h"
#include "format/iceberg/manifest_schemas.h"
#include "format/iceberg/partition_values.h"

namespace st::iceberg {

using avro::Encoder;
using avro::Value;

namespace {

void PutOptional(Encoder& row, const std::optional<std::int64_t>& value) {
  row.Branch(value ? 1 : 0);
  if (value) row.Long(*value);
}

// An optional int-keyed map; absent when empty, unless it is known that nothing is in it.
template <typename T>
void PutMap(Encoder& row, const std::map<int, T>& map, bool is_known = false) {
  const bool is_absent = map.empty() && !is_known;
  row.Branch(is_absent ? 0 : 1);
  if (is_absent) return;
  if (!map.empty()) row.BlockStart(static_cast<std::int64_t>(map.size()));
  for (const auto& [key, value] : map) {
    row.Long(key);
    if constexpr (std::is_same_v<T, std::string>) {
      row.Bytes(value);
    } else {
      row.Long(value);
    }
  }
  row.BlockStart(0);
}

// An optional list; absent when empty.
void PutList(Encoder& row, const std::vector<std::int64_t>& list) {
  row.Branch(list.empty() ? 0 : 1);
  if (list.empty()) return;
  row.BlockStart(std::ssize(list));
  for (const auto value : list) row.Long(value);
  row.BlockStart(0);
}

void PutDataFile(Encoder& row, const ManifestHead& head, const ManifestEntry& entry) {
  row.Long(0);  // content: data
  row.Bytes(entry.file_path);
  row.Bytes(entry.file_format);
  PutPartition(row, head, entry.partition);
  row.Long(entry.record_count);
  row.Long(entry.file_size_bytes);
  PutMap(row, entry.column_sizes);
  PutMap(row, entry.value_counts);
  PutMap(row, entry.null_value_counts);
  PutMap(row, entry.nan_value_counts);
  // A file whose values are all NULL has no bounds, as the reference implementation says.
  const bool has_statistics = !entry.value_counts.empty();
  PutMap(row, entry.lower_bounds, has_statistics);
  PutMap(row, entry.upper_bounds, has_statistics);
  row.Branch(0);  // key_metadata
  PutList(row, entry.split_offsets);
  row.Branch(0);  // equality_ids
  row.Branch(1);
  row.Long(entry.sort_order_id);
  row.Branch(0);  // referenced_data_file
}

std::unexpected<Error> Missing(std::string_view what) {
  return Fail(ErrorCode::kCorruption, "an entry has no {}", what);
}

// Reads the fields of a record by their ids. A field that must exist and does not is kCorruption,
// with `name`.
struct RecordFields {
  const Value& record;

  Result<std::int64_t> Long(int id, std::string_view name) const {
    const auto* value = record.Field(id);
    if (value == nullptr ||
        (value->node->type != avro::Type::kLong && value->node->type != avro::Type::kInt)) {
      return Missing(name);
    }
    return value->integer;
  }
  // Counts and sizes are never negative.
  Result<std::int64_t> Count(int id, std::string_view name) const {
    ST_TRY(const auto value, Long(id, name));
    if (value < 0) return Fail(ErrorCode::kCorruption, "an entry has the {} {}", name, value);
    return value;
  }
  Result<int> SmallCount(int id, std::string_view name) const {
    ST_TRY(const auto value, Count(id, name));
    if (value != static_cast<int>(value)) return Missing(name);
    return static_cast<int>(value);
  }
  Result<std::string> Text(int id, std::string_view name) const {
    const auto* value = record.Field(id);
    if (value == nullptr || value->node->type != avro::Type::kString) return Missing(name);
    return value->bytes;
  }
  std::optional<std::int64_t> OptionalLong(int id) const {
    const auto* value = record.Field(id);
    if (value == nullptr ||
        (value->node->type != avro::Type::kLong && value->node->type != avro::Type::kInt)) {
      return std::nullopt;
    }
    return value->integer;
  }
};

struct MapIds {
  int map;
  int key;
  int value;
};

template <typename T>
void DecodeMap(const Value& record, MapIds ids, std::map<int, T>& out) {
  const auto* map = record.Field(ids.map);
  if (map == nullptr) return;
  for (const auto& item : map->items) {
    const auto* key = item.Field(ids.key);
    const auto* value = item.Field(ids.value);
    if (key == nullptr || value == nullptr) continue;
    if constexpr (std::is_same_v<T, std::string>) {
      out[static_cast<int>(key->integer)] = value->bytes;
    } else {
      out[static_cast<int>(key->integer)] = value->integer;
    }
  }
}

Status DecodeDataFile(const Value& record, ManifestEntry& entry) {
  const RecordFields file{record};
  ST_TRY(const auto content, file.Long(134, "content"));
  if (content != 0) return Fail(ErrorCode::kUnsupported, "an entry is a delete file");
  ST_TRY(entry.file_path, file.Text(100, "file_path"));
  ST_TRY(entry.file_format, file.Text(101, "file_format"));
  if (!EqualsIgnoreCase(entry.file_format, "parquet")) {
    return Fail(ErrorCode::kUnsupported, "{}: format {}", entry.file_path, entry.file_format);
  }
  if (const auto* partition = record.Field(102)) {
    ST_TRY(entry.partition, PartitionFrom(*partition));
  }
  entry.sort_order_id = static_cast<int>(file.OptionalLong(140).value_or(0));
  ST_TRY(entry.record_count, file.Count(103, "record_count"));
  ST_TRY(entry.file_size_bytes, file.Count(104, "file_size_in_bytes"));
  DecodeMap(record, {108, 117, 118}, entry.column_sizes);
  DecodeMap(record, {109, 119, 120}, entry.value_counts);
  DecodeMap(record, {110, 121, 122}, entry.null_value_counts);
  DecodeMap(record, {137, 138, 139}, entry.nan_value_counts);
  DecodeMap(record, {125, 126, 127}, entry.lower_bounds);
  DecodeMap(record, {128, 129, 130}, entry.upper_bounds);
  if (const auto* offsets = record.Field(132)) {
    for (const auto& offset : offsets->items) entry.split_offsets.push_back(offset.integer);
  }
  return {};
}

Result<ManifestEntry> DecodeEntry(const Value& row) {
  ManifestEntry entry;
  const RecordFields fields{row};
  ST_TRY(const auto status, fields.Long(0, "status"));
  if (status < 0 || status > 2) {
    return Fail(ErrorCode::kCorruption, "an entry has the status {}", status);
  }
  entry.status = static_cast<EntryStatus>(status);
  entry.snapshot_id = fields.OptionalLong(1);
  entry.sequence_number = fields.OptionalLong(3);
  entry.file_sequence_number = fields.OptionalLong(4);
  if (entry.status != EntryStatus::kAdded && !entry.sequence_number) {
    return Missing("sequence_number");
  }
  const auto* file = row.Field(2);
  if (file == nullptr) return Missing("data_file");
  ST_TRY_STATUS(DecodeDataFile(*file, entry));
  return entry;
}

Result<ManifestFile> DecodeManifestFile(const Value& row) {
  const RecordFields fields{row};
  ManifestFile file;
  ST_TRY(file.path, fields.Text(500, "manifest_path"));
  ST_TRY(file.length, fields.Count(501, "manifest_length"));
  ST_TRY(file.spec_id, fields.SmallCount(502, "partition_spec_id"));
  ST_TRY(const auto content, fields.Long(517, "content"));
  if (content != 0) {
    return Fail(ErrorCode::kUnsupported, "{}: content {}; only 0 can be read", file.path, content);
  }
  ST_TRY(file.sequence_number, fields.Count(515, "sequence_number"));
  ST_TRY(file.min_sequence_number, fields.Count(516, "min_sequence_number"));
  ST_TRY(file.added_snapshot_id, fields.Long(503, "added_snapshot_id"));
  ST_TRY(file.added_files, fields.SmallCount(504, "added_files_count"));
  ST_TRY(file.existing_files, fields.SmallCount(505, "existing_files_count"));
  ST_TRY(file.deleted_files, fields.SmallCount(506, "deleted_files_count"));
  ST_TRY(file.added_rows, fields.Count(512, "added_rows_count"));
  ST_TRY(file.existing_rows, fields.Count(513, "existing_rows_count"));
  ST_TRY(file.deleted_rows, fields.Count(514, "deleted_rows_count"));
  if (const auto* partitions = row.Field(507)) file.partitions = SummariesFrom(*partitions);
  return file;
}

// The checksums of the files are a value in the Avro header, where other readers ignore unknown
// keys: eight hex digits for each entry in order, "-" for an unknown one.
constexpr const char* kChecksumsKey = "steelthread.crc32c";
constexpr int kHex = 16;

std::string JoinChecksums(const std::vector<ManifestEntry>& entries) {
  std::string joined;
  for (const auto& entry : entries) {
    joined += joined.empty() ? "" : ",";
    joined += entry.crc32c ? fmt::format("{:08x}", *entry.crc32c) : "-";
  }
  return joined;
}

Status DecodeChecksums(const std::map<std::string, std::string>& metadata,
                       std::vector<ManifestEntry>& entries) {
  const auto found = metadata.find(kChecksumsKey);
  if (found == metadata.end()) return {};
  std::string_view rest = found->second;
  for (auto& entry : entries) {
    const auto one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (one == "-") continue;
    std::uint32_t crc = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), crc, kHex);
    if (error != std::errc() || end != one.data() + one.size()) {
      return Fail(ErrorCode::kCorruption, "{} has \"{}\" for {}", kChecksumsKey, one,
                  entry.file_path);
    }
    entry.crc32c = crc;
  }
  if (rest.empty()) return {};
  return Fail(ErrorCode::kCorruption, "{} has more than {} checksums", kChecksumsKey,
              entries.size());
}

}  // namespace

std::string EncodeManifest(const ManifestHead& head, const std::vector<ManifestEntry>& entries,
                           Uuid sync) {
  std::map<std::string, std::string> metadata = {
      {"schema", EncodeSchema(head.schema)},
      {"schema-id", std::to_string(head.schema.id)},
      {"partition-spec", FieldsJson(head.spec).dump()},
      {"partition-spec-id", std::to_string(head.spec.id)},
      {"format-version", "2"},
      {"content", "data"}};
  if (std::ranges::any_of(entries, [](const auto& entry) { return entry.crc32c.has_value(); })) {
    metadata.emplace(kChecksumsKey, JoinChecksums(entries));
  }
  avro::ContainerWriter writer(ManifestEntrySchema(PartitionRecordSchema(head.spec, head.types)),
                               std::move(metadata), sync, avro::Codec::kDeflate);
  for (const auto& entry : entries) {
    Encoder row;
    row.Long(static_cast<int>(entry.status));
    PutOptional(row, entry.snapshot_id);
    PutOptional(row, entry.sequence_number);
    PutOptional(row, entry.file_sequence_number);
    PutDataFile(row, head, entry);
    writer.Append(row.bytes());
  }
  return writer.Finish();
}

Result<std::vector<ManifestEntry>> DecodeManifest(std::string_view bytes) {
  ST_TRY(const auto container, avro::DecodeContainer(bytes));
  std::vector<ManifestEntry> entries;
  for (const auto& row : container.rows) {
    ST_TRY(auto entry, DecodeEntry(row));
    entries.push_back(std::move(entry));
  }
  ST_TRY_STATUS(DecodeChecksums(container.metadata, entries));
  return entries;
}

std::string EncodeManifestList(const Snapshot& snapshot, const std::vector<ManifestFile>& files,
                               Uuid sync) {
  std::map<std::string, std::string> metadata = {
      {"snapshot-id", std::to_string(snapshot.id)},
      {"parent-snapshot-id", snapshot.parent ? std::to_string(*snapshot.parent) : "null"},
      {"sequence-number", std::to_string(snapshot.sequence_number)},
      {"format-version", "2"}};
  avro::ContainerWriter writer(ManifestFileSchema(), std::move(metadata), sync,
                               avro::Codec::kDeflate);
  for (const auto& file : files) {
    Encoder row;
    row.Bytes(file.path);
    row.Long(file.length);
    row.Long(file.spec_id);
    row.Long(0);  // content: data
    row.Long(file.sequence_number);
    row.Long(file.min_sequence_number);
    row.Long(file.added_snapshot_id);
    row.Long(file.added_files);
    row.Long(file.existing_files);
    row.Long(file.deleted_files);
    row.Long(file.added_rows);
    row.Long(file.existing_rows);
    row.Long(file.deleted_rows);
    row.Branch(1);
    PutSummaries(row, file.partitions);
    row.Branch(0);  // key_metadata
    writer.Append(row.bytes());
  }
  return writer.Finish();
}

Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes) {
  ST_TRY(const auto container, avro::DecodeContainer(bytes));
  std::vector<ManifestFile> files;
  for (const auto& row : container.rows) {
    ST_TRY(auto file, DecodeManifestFile(row));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace st::iceberg
