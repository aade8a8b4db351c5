#include "lake/table_folder.h"

#include "base/text.h"

namespace st::lake {

namespace {

constexpr std::string_view kVersionSuffix = ".metadata.json";
constexpr std::string_view kDataSuffix = ".parquet";
constexpr std::string_view kUnfinishedPrefix = "tmp_";  // DuckDB writes to such a name

}  // namespace

std::string VersionFileName(std::int64_t version) {
  return fmt::format("v{}{}", version, kVersionSuffix);
}

std::optional<std::int64_t> VersionOfFileName(std::string_view name) {
  if (!name.ends_with(kVersionSuffix)) return std::nullopt;
  name.remove_suffix(kVersionSuffix.size());
  if (!name.starts_with('v')) return std::nullopt;
  const auto version = ParseInt64(name.substr(1));
  // This program never writes "v07" or "v+7".
  if (!version || *version < 1 || fmt::format("v{}", *version) != name) return std::nullopt;
  return version;
}

std::string ManifestName(std::int64_t sequence, const Uuid& uuid) {
  return fmt::format("m-{}-{}.avro", sequence, uuid.ToString());
}

std::string ManifestListName(std::int64_t sequence, const Uuid& uuid) {
  return fmt::format("snap-{}-{}.avro", sequence, uuid.ToString());
}

std::string DataFileName(const Uuid& uuid) {
  return fmt::format("{}{}", uuid.ToString(), kDataSuffix);
}

bool IsDataFileName(std::string_view name) {
  if (name.starts_with(kUnfinishedPrefix)) name.remove_prefix(kUnfinishedPrefix.size());
  if (!name.ends_with(kDataSuffix)) return false;
  name.remove_suffix(kDataSuffix.size());
  return Uuid::Parse(name).has_value();
}

bool IsCommitFileName(std::string_view name) {
  constexpr std::size_t kUuidLength = 36;
  if (!name.ends_with(kDataSuffix) && !name.ends_with(".avro")) return false;
  for (std::size_t i = 0; i + kUuidLength <= name.size(); ++i) {
    if (Uuid::Parse(name.substr(i, kUuidLength))) return true;
  }
  return false;
}

std::string TableFolder::UriOf(std::string_view location_in_table) const {
  return uri + std::string(location_in_table.substr(location.size()));
}

Result<std::string> TableFolder::LocationOf(std::string_view file_uri) const {
  const bool is_inside = file_uri.starts_with(uri) && file_uri.substr(uri.size()).starts_with('/');
  if (!is_inside || file_uri.find("/../") != std::string_view::npos) {
    return Fail(ErrorCode::kCorruption, "\"{}\" does not lie in the table's location \"{}\"",
                file_uri, uri);
  }
  return location + std::string(file_uri.substr(uri.size()));
}

TableFolder FolderOf(const Storage& storage, const TableName& name) {
  auto location = JoinLocation(JoinLocation(storage.root(), name.schema), name.name);
  auto uri = storage.UriOf(location);
  return {.location = std::move(location), .uri = std::move(uri)};
}

}  // namespace st::lake
