#include "format/iceberg/table_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/nested_type.h"
#include "format/iceberg/json_reader.h"

namespace st::iceberg {

using Json = nlohmann::ordered_json;

namespace {

constexpr int kFormatVersion = 2;

Json SchemaJson(const Schema& schema) {
  auto fields = Json::array();
  for (const auto& field : schema.fields) {
    Json json = {{"id", field.id}, {"name", field.name}, {"required", field.is_required}};
    const auto type = ParseType(field.type);
    json["type"] = type ? TypeJson(*type) : Json(field.type);
    if (!field.doc.empty()) json["doc"] = field.doc;
    fields.push_back(std::move(json));
  }
  return {{"type", "struct"}, {"schema-id", schema.id}, {"fields", std::move(fields)}};
}

template <typename... T>
void Append(std::string& out, fmt::format_string<T...> format, T&&... values) {
  fmt::format_to(std::back_inserter(out), format, std::forward<T>(values)...);
}

// `"name":[…]`, each item by `append`.
template <typename T, typename Function>
void AppendList(std::string_view name, const std::vector<T>& items, Function append,
                std::string& out) {
  Append(out, ",\"{}\":[", name);
  const char* between = "";
  for (const auto& item : items) {
    out += between;
    append(item);
    between = ",";
  }
  out += ']';
}

void AppendSnapshot(const Snapshot& snapshot, std::string& out) {
  Append(out, R"({{"sequence-number":{},"snapshot-id":{},)", snapshot.sequence_number, snapshot.id);
  if (snapshot.parent) Append(out, R"("parent-snapshot-id":{},)", *snapshot.parent);
  Append(out, R"("timestamp-ms":{},"summary":{},"manifest-list":)", snapshot.timestamp_ms,
         snapshot.summary.json());
  AppendJsonString(snapshot.manifest_list, out);
  Append(out, R"(,"schema-id":{}}})", snapshot.schema_id);
}

// Snapshots and both logs: nearly all of a file, in each commit, so they are written without a tree
// of values.
void AppendHistory(const TableMetadata& metadata, std::string& out) {
  AppendList(
      "snapshots", metadata.snapshots, [&](const auto& item) { AppendSnapshot(item, out); }, out);
  out += R"(,"statistics":[],"partition-statistics":[])";
  AppendList(
      "snapshot-log", metadata.snapshot_log,
      [&](const auto& item) {
        Append(out, R"({{"timestamp-ms":{},"snapshot-id":{}}})", item.timestamp_ms,
               item.snapshot_id);
      },
      out);
  AppendList(
      "metadata-log", metadata.metadata_log,
      [&](const auto& item) {
        Append(out, R"({{"timestamp-ms":{},"metadata-file":)", item.timestamp_ms);
        AppendJsonString(item.file, out);
        out += '}';
      },
      out);
}

template <typename T>
Json ListJson(const std::vector<T>& list) {
  auto array = Json::array();
  for (const auto& each : list) array.push_back(ToJson(each));
  return array;
}

Result<Schema> ParseSchema(const JsonReader& json) {
  Schema schema;
  ST_TRY(schema.id, json.Int("schema-id"));
  ST_TRY(const auto fields, json.List("fields"));
  for (const auto& item : fields) {
    Field field;
    ST_TRY(field.id, item.Int("id"));
    ST_TRY(field.name, item.Text("name"));
    ST_TRY(field.is_required, item.Bool("required"));
    ST_TRY(const auto* type, item.Value("type"));
    const auto parsed = TypeFromJson(*type);
    if (!parsed) {
      return Fail(ErrorCode::kCorruption, "column \"{}\": {}", field.name,
                  parsed.error().message());
    }
    field.type = TypeText(*parsed);
    if (item.Has("doc")) {
      ST_TRY(field.doc, item.Text("doc"));
    }
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

Result<Snapshot> ParseSnapshot(const JsonReader& json) {
  Snapshot snapshot;
  ST_TRY(snapshot.id, json.Long("snapshot-id"));
  if (json.Has("parent-snapshot-id")) {
    ST_TRY(snapshot.parent, json.Long("parent-snapshot-id"));
  }
  ST_TRY(snapshot.sequence_number, json.Long("sequence-number"));
  ST_TRY(snapshot.timestamp_ms, json.Long("timestamp-ms"));
  ST_TRY(snapshot.manifest_list, json.Text("manifest-list"));
  ST_TRY(snapshot.summary, json.TextMap("summary"));
  ST_TRY(snapshot.schema_id, json.Int("schema-id"));
  return snapshot;
}

Status ParseHistory(const JsonReader& json, TableMetadata& metadata) {
  ST_TRY(const auto snapshots, json.OptionalList("snapshots"));
  for (const auto& item : snapshots) {
    ST_TRY(auto snapshot, ParseSnapshot(item));
    metadata.snapshots.push_back(std::move(snapshot));
  }
  ST_TRY(const auto snapshot_log, json.OptionalList("snapshot-log"));
  for (const auto& item : snapshot_log) {
    SnapshotLogEntry entry;
    ST_TRY(entry.timestamp_ms, item.Long("timestamp-ms"));
    ST_TRY(entry.snapshot_id, item.Long("snapshot-id"));
    metadata.snapshot_log.push_back(entry);
  }
  ST_TRY(const auto metadata_log, json.OptionalList("metadata-log"));
  for (const auto& item : metadata_log) {
    MetadataLogEntry entry;
    ST_TRY(entry.timestamp_ms, item.Long("timestamp-ms"));
    ST_TRY(entry.file, item.Text("metadata-file"));
    metadata.metadata_log.push_back(std::move(entry));
  }
  return {};
}

constexpr const char* kMainBranch = "main";

Json RefsJson(const TableMetadata& metadata) {
  auto refs = Json::object();
  if (metadata.current_snapshot_id) {
    auto& main =
        refs[kMainBranch] = {{"snapshot-id", *metadata.current_snapshot_id}, {"type", "branch"}};
    if (metadata.max_snapshot_age_ms) main["max-snapshot-age-ms"] = *metadata.max_snapshot_age_ms;
  }
  for (const auto& tag : metadata.tags) {
    auto& ref = refs[tag.name] = {{"snapshot-id", tag.snapshot_id}, {"type", "tag"}};
    if (tag.max_age_ms) ref["max-ref-age-ms"] = *tag.max_age_ms;
  }
  return refs;
}

Status ParseRefs(const JsonReader& json, TableMetadata& metadata) {
  if (!json.Has("refs")) return {};
  ST_TRY(const auto refs, json.Members("refs"));
  for (const auto& [name, ref] : refs) {
    ST_TRY(const auto type, ref.Text("type"));
    if (type == "branch" && name == kMainBranch) {
      if (ref.Has("max-snapshot-age-ms")) {
        ST_TRY(metadata.max_snapshot_age_ms, ref.Long("max-snapshot-age-ms"));
      }
      continue;
    }
    if (type != "tag") return Fail(ErrorCode::kUnsupported, "the table has a {} {}", type, name);
    Tag tag{.name = name};
    ST_TRY(tag.snapshot_id, ref.Long("snapshot-id"));
    if (ref.Has("max-ref-age-ms")) {
      ST_TRY(tag.max_age_ms, ref.Long("max-ref-age-ms"));
    }
    metadata.tags.push_back(std::move(tag));
  }
  return {};
}

Status ParseLayout(const JsonReader& json, TableMetadata& metadata) {
  metadata.partition_specs.clear();
  metadata.sort_orders.clear();
  ST_TRY(metadata.default_spec_id, json.Int("default-spec-id"));
  ST_TRY(metadata.last_partition_id, json.Int("last-partition-id"));
  ST_TRY(metadata.default_sort_order_id, json.Int("default-sort-order-id"));
  ST_TRY(const auto specs, json.List("partition-specs"));
  for (const auto& item : specs) {
    ST_TRY(auto spec, PartitionSpecFrom(item));
    ST_TRY_STATUS(TypesOf(spec, metadata.schemas));
    metadata.partition_specs.push_back(std::move(spec));
  }
  ST_TRY(const auto orders, json.List("sort-orders"));
  for (const auto& item : orders) {
    ST_TRY(auto order, SortOrderFrom(item));
    metadata.sort_orders.push_back(std::move(order));
  }
  return {};
}

Status CheckReferences(const TableMetadata& metadata) {
  if (metadata.CurrentSchema() == nullptr) {
    return Fail(ErrorCode::kCorruption, "there is no schema with the current-schema-id {}",
                metadata.current_schema_id);
  }
  if (metadata.FindSpec(metadata.default_spec_id) == nullptr) {
    return Fail(ErrorCode::kCorruption, "there is no partition spec with the default-spec-id {}",
                metadata.default_spec_id);
  }
  const int order = metadata.default_sort_order_id;
  if (std::ranges::find(metadata.sort_orders, order, &SortOrder::id) ==
      metadata.sort_orders.end()) {
    return Fail(ErrorCode::kCorruption, "there is no sort order with the default-sort-order-id {}",
                order);
  }
  if (metadata.current_snapshot_id && metadata.CurrentSnapshot() == nullptr) {
    return Fail(ErrorCode::kCorruption, "there is no snapshot with the current-snapshot-id {}",
                *metadata.current_snapshot_id);
  }
  for (const auto& tag : metadata.tags) {
    if (metadata.FindSnapshot(tag.snapshot_id) != nullptr) continue;
    return Fail(ErrorCode::kCorruption, "there is no snapshot {} of the tag {}", tag.snapshot_id,
                tag.name);
  }
  return {};
}

}  // namespace

const Snapshot* TableMetadata::FindSnapshot(std::int64_t id) const {
  const auto found = std::ranges::find(snapshots, id, &Snapshot::id);
  return found == snapshots.end() ? nullptr : &*found;
}

const Snapshot* TableMetadata::CurrentSnapshot() const {
  return current_snapshot_id ? FindSnapshot(*current_snapshot_id) : nullptr;
}

const Schema* TableMetadata::CurrentSchema() const {
  const auto found = std::ranges::find(schemas, current_schema_id, &Schema::id);
  return found == schemas.end() ? nullptr : &*found;
}

const PartitionSpec* TableMetadata::FindSpec(int id) const {
  const auto found = std::ranges::find(partition_specs, id, &PartitionSpec::id);
  return found == partition_specs.end() ? nullptr : &*found;
}

const SortOrder& TableMetadata::CurrentSortOrder() const {
  return *std::ranges::find(sort_orders, default_sort_order_id, &SortOrder::id);
}

std::string EncodeSchema(const Schema& schema) {
  return SchemaJson(schema).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string EncodeTableMetadata(const TableMetadata& metadata) {
  auto schemas = Json::array();
  for (const auto& schema : metadata.schemas) schemas.push_back(SchemaJson(schema));
  Json json = {{"format-version", kFormatVersion},
               {"table-uuid", metadata.table_uuid},
               {"location", metadata.location},
               {"last-sequence-number", metadata.last_sequence_number},
               {"last-updated-ms", metadata.last_updated_ms},
               {"last-column-id", metadata.last_column_id},
               {"current-schema-id", metadata.current_schema_id},
               {"schemas", std::move(schemas)},
               {"default-spec-id", metadata.default_spec_id},
               {"partition-specs", ListJson(metadata.partition_specs)},
               {"last-partition-id", metadata.last_partition_id},
               {"default-sort-order-id", metadata.default_sort_order_id},
               {"sort-orders", ListJson(metadata.sort_orders)},
               {"properties", metadata.properties}};
  // Iceberg's own writer gives -1 for none in tables of this version.
  json["current-snapshot-id"] = metadata.current_snapshot_id.value_or(-1);
  json["refs"] = RefsJson(metadata);
  auto text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();  // the brace at the end
  AppendHistory(metadata, text);
  text += '}';
  return text;
}

Result<TableMetadata> ParseTableMetadata(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded()) return Fail(ErrorCode::kCorruption, "it is not JSON");
  const JsonReader json(document, "");
  ST_TRY(const auto version, json.Int("format-version"));
  if (version != kFormatVersion) {
    return Fail(ErrorCode::kUnsupported, "format-version {}; only {} can be read", version,
                kFormatVersion);
  }
  TableMetadata metadata;
  ST_TRY(metadata.table_uuid, json.Text("table-uuid"));
  ST_TRY(metadata.location, json.Text("location"));
  ST_TRY(metadata.last_sequence_number, json.Long("last-sequence-number"));
  ST_TRY(metadata.last_updated_ms, json.Long("last-updated-ms"));
  ST_TRY(metadata.last_column_id, json.Int("last-column-id"));
  ST_TRY(metadata.current_schema_id, json.Int("current-schema-id"));
  ST_TRY(const auto schemas, json.List("schemas"));
  for (const auto& item : schemas) {
    ST_TRY(auto schema, ParseSchema(item));
    metadata.schemas.push_back(std::move(schema));
  }
  ST_TRY_STATUS(ParseLayout(json, metadata));
  if (json.Has("properties")) {
    ST_TRY(metadata.properties, json.TextMap("properties"));
  }
  if (json.Has("current-snapshot-id")) {
    ST_TRY(const auto id, json.Long("current-snapshot-id"));
    if (id != -1) metadata.current_snapshot_id = id;  // Java writes -1 for none
  }
  ST_TRY_STATUS(ParseHistory(json, metadata));
  ST_TRY_STATUS(ParseRefs(json, metadata));
  ST_TRY_STATUS(CheckReferences(metadata));
  return metadata;
}

}  // namespace st::iceberg
