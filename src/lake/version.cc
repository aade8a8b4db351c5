#include "lake/version.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "lake/holds.h"
#include "lake/layout.h"
#include "lake/limits.h"
#include "lake/metadata_files.h"
#include "lake/schema.h"

namespace st::lake {

namespace {

// The time now, in milliseconds, but never earlier than that of the last version.
std::int64_t NextTimeMs(os::Clock& clock, const iceberg::TableMetadata& metadata) {
  return std::max(clock.NowUs() / 1000, metadata.last_updated_ms);
}

}  // namespace

std::string Describe(const TableName& name) {
  return fmt::format("table {}.{}", name.schema, name.name);
}

Status CheckText(const std::map<std::string, std::string>& map, std::string_view what) {
  for (const auto& [key, value] : map) {
    if (IsUtf8(key) && IsUtf8(value)) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} \"{}\" is not UTF-8", what, key);
  }
  return {};
}

TableState NextVersion(os::Clock& clock, const TableState& state) {
  TableState next = state;
  ++next.version;
  auto& log = next.metadata.metadata_log;
  log.push_back({state.metadata.last_updated_ms, next.folder.UriOf(state.view->metadata_file)});
  if (log.size() > kMaxLoggedVersions) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(kMaxLoggedVersions));
  }
  next.metadata.last_updated_ms = NextTimeMs(clock, state.metadata);
  RemoveEndedHolds(next.metadata.last_updated_ms, next.metadata);
  return next;
}

// Later snapshots name the new schema; column ids are never reused (spec, Schema Evolution).
Status ChangeColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata) {
  ST_TRY(auto fields, ChangedFields(metadata, columns, metadata.last_column_id));
  SetFields(std::move(fields), metadata);
  return {};
}

void SetColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata) {
  const auto& before = metadata.CurrentSchema()->fields;
  std::vector<Column> with_ids;
  for (auto column : columns) {
    const auto same = std::ranges::find_if(before, [&](const iceberg::Field& field) {
      return field.name == column.name && IsSameType(field.type, column.type);
    });
    column.id = same == before.end() ? 0 : same->id;
    if (same != before.end()) column.type = same->type;
    with_ids.push_back(std::move(column));
  }
  SetFields(FieldsOf(with_ids, metadata.last_column_id), metadata);
}

Status SetProperties(TableEnv env, const std::map<std::string, std::string>& properties,
                     const std::vector<std::string>& removed, TableState& next) {
  ST_TRY_STATUS(CheckText(properties, "property"));
  const auto bytes_before = SharedBytes(next.metadata.properties);
  for (const auto& [key, value] : properties) SetProperty(key, value, next.metadata, next.stored);
  for (const auto& key : removed) RemoveProperty(key, next.metadata, next.stored);
  const auto bytes = SharedBytes(next.metadata.properties);
  if (bytes > std::max(bytes_before, kMaxPropertiesBytes)) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "{}: its properties, the comment among them, are {} bytes of metadata, and a table "
        "has at most {}: shorten or remove some; those that an earlier definition set stay, "
        "and a table of another name begins without them",
        Describe(next.name), bytes, kMaxPropertiesBytes);
  }
  return StoreLongValues(env.storage, env.random, next.folder, next.metadata, next.stored);
}

void MarkDropped(TableState& next) {
  auto& metadata = next.metadata;
  metadata.location = next.folder.uri;
  metadata.properties = {{kDroppedProperty, "true"}};
  metadata.current_snapshot_id.reset();
  metadata.snapshots.clear();
  metadata.snapshot_log.clear();
  metadata.metadata_log.clear();
  metadata.tags.clear();
  metadata.max_snapshot_age_ms.reset();
  next.manifests.clear();
  next.stored.clear();
}

Status WriteVersion(TableEnv env, TableState& state) {
  return WriteVersion(env, iceberg::EncodeTableMetadata(state.metadata), state);
}

Status WriteVersion(TableEnv env, std::string_view json, TableState& state) {
  const auto location = state.folder.metadata_file(VersionFileName(state.version));
  auto bytes = VersionWithChecksum(json);
  const auto created = env.storage.CreateIfAbsent(location, bytes, env.random.NewUuid());
  if (!created && created.error().code() == ErrorCode::kOutcomeUnknown) {
    return Fail(ErrorCode::kOutcomeUnknown, "{}: version {}: {}", Describe(state.name),
                state.version, created.error().message());
  }
  ST_TRY_STATUS(created);
  PublishView(env.storage, std::move(bytes), state);
  return {};
}

void WriteVersionHint(TableEnv env, const TableState& state) {
  Ignore(env.storage.Replace(state.folder.metadata_file(kVersionHintName),
                             std::to_string(state.version)),
         "the hint is only for readers without a catalog; the next commit writes it again");
}

Result<TableState> CreateTable(TableEnv env, const NewTable& table,
                               const std::map<std::string, std::string>& properties) {
  TableState state{.name = table.name, .folder = FolderOf(env.storage, table.name)};
  ST_TRY(const auto dropped, DroppedVersion(env.storage, state.folder));
  state.version = dropped + 1;
  state.metadata = {
      .table_uuid = env.random.NewUuid().ToString(), .location = state.folder.uri, .schemas = {{}}};
  auto fresh = table.columns;
  for (auto& column : fresh) column.id = 0;
  state.metadata.schemas[0].fields = FieldsOf(fresh, state.metadata.last_column_id);
  // The first spec has the id 0, as Iceberg's writers give it, whether it has fields or not.
  if (!table.layout.partition.empty()) state.metadata.partition_specs.clear();
  ST_TRY_STATUS(SetLayout(table.layout, state.metadata));
  state.metadata.last_updated_ms = env.clock.NowUs() / 1000;
  ST_TRY_STATUS(env.storage.MakeFolder(state.folder.metadata_folder()));
  ST_TRY_STATUS(env.storage.MakeFolder(state.folder.data_folder()));
  ST_TRY_STATUS(SetProperties(env, properties, {}, state));
  ST_TRY_STATUS(WriteVersion(env, state));
  WriteVersionHint(env, state);
  return state;
}

}  // namespace st::lake
