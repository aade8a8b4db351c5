#include "lake/property_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/json_text.h"
#include "lake/holds.h"
#include "lake/limits.h"
#include "lake/metadata_files.h"
#include "lake/view.h"

namespace st::lake {

namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kChecksumLength = 8;

std::string FileKey(std::string_view key) { return fmt::format("{}{}", key, kFileSuffix); }

// The property whose value lies in the file that `key` names; nullopt: `key` names no file.
std::optional<std::string> KeyOfFile(std::string_view key) {
  if (!key.starts_with(kOwnPrefix) || !key.ends_with(kFileSuffix)) return std::nullopt;
  key.remove_suffix(kFileSuffix.size());
  return std::string(key);
}

// Each snapshot repeats the position. The holds are short, and other parts of the lake read them
// from the metadata.
std::size_t MaxInlineBytes(std::string_view key, const iceberg::TableMetadata& metadata) {
  const bool is_own = key.starts_with(kOwnPrefix) && !KeyOfFile(key);
  if (!is_own || key == kHoldsProperty) return std::numeric_limits<std::size_t>::max();
  const bool is_repeated = key == kPositionProperty && metadata.snapshots.size() > kManySnapshots;
  return is_repeated ? kMaxPositionBytesOfMany : kMaxInlineBytes;
}

// "offsets-<uuid>".
bool HasPropertyAndUuid(std::string_view name) {
  if (name.size() < kUuidLength + 2) return false;
  const auto uuid = name.substr(name.size() - kUuidLength);
  name.remove_suffix(kUuidLength);
  const auto is_of_key = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  return Uuid::Parse(uuid).has_value() && name.ends_with('-') &&
         std::ranges::all_of(name, is_of_key);
}

}  // namespace

bool NamesValue(const std::string& key, const std::map<std::string, std::string>& properties) {
  const auto of = KeyOfFile(key);
  return of && !properties.contains(*of);
}

bool IsPropertyFileName(std::string_view name) {
  if (!name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  if (HasPropertyAndUuid(name)) return true;
  const auto dash = name.rfind('-');
  return dash != std::string_view::npos && name.size() - dash == 1 + kChecksumLength &&
         HasPropertyAndUuid(name.substr(0, dash));
}

std::string_view TextOf(std::string_view key, const iceberg::TableMetadata& metadata,
                        const StoredValues& stored) {
  if (const auto value = stored.find(std::string(key)); value != stored.end()) {
    return value->second.text;
  }
  const auto value = metadata.properties.find(std::string(key));
  return value == metadata.properties.end() ? std::string_view() : value->second;
}

void SetProperty(const std::string& key, const std::string& text, iceberg::TableMetadata& metadata,
                 StoredValues& stored) {
  const auto known = stored.find(key);
  if (known != stored.end() && known->second.text == text) return;
  RemoveProperty(key, metadata, stored);
  metadata.properties[key] = text;
}

void RemoveProperty(const std::string& key, iceberg::TableMetadata& metadata,
                    StoredValues& stored) {
  metadata.properties.erase(key);
  if (key.starts_with(kOwnPrefix)) metadata.properties.erase(FileKey(key));
  stored.erase(key);
}

Status StoreLongValues(Storage& storage, os::Random& random, const TableFolder& folder,
                       iceberg::TableMetadata& metadata, StoredValues& stored) {
  std::vector<std::string> keys;
  for (const auto& [key, text] : metadata.properties) {
    if (text.size() > MaxInlineBytes(key, metadata)) keys.push_back(key);
  }
  for (const auto& key : keys) {
    const auto name =
        fmt::format("{}-{}{}", key.substr(kOwnPrefix.size()), random.NewUuid().ToString(), kSuffix);
    auto text = std::move(metadata.properties.extract(key).mapped());
    ST_TRY(auto file, WriteMetadataFile(storage, folder, name, text));
    metadata.properties[FileKey(key)] = folder.UriOf(file);
    stored[key] = {.text = std::move(text), .file = std::move(file)};
  }
  return {};
}

std::size_t SharedBytes(const std::map<std::string, std::string>& properties) {
  std::string json;
  for (const auto& [key, value] : properties) {
    if (key.starts_with(kOwnPrefix)) continue;
    AppendJsonString(key, json);
    AppendJsonString(value, json);
  }
  return json.size();
}

Result<StoredValues> ReadStoredValues(Storage& storage, const TableFolder& folder,
                                      const std::map<std::string, std::string>& properties) {
  StoredValues stored;
  for (const auto& [file_key, uri] : properties) {
    if (!NamesValue(file_key, properties)) continue;
    StoredValue value;
    ST_TRY(value.file, folder.LocationOf(uri));
    ST_TRY(value.text, ReadMetadataFile(storage, value.file));
    stored.emplace(*KeyOfFile(file_key), std::move(value));
  }
  return stored;
}

Result<std::string> ReadPosition(Storage& storage, const TableFolder& folder,
                                 const iceberg::Snapshot& snapshot) {
  const auto summary = snapshot.summary.entries();
  if (const auto text = summary.find(kPositionProperty); text != summary.end()) {
    return text->second;
  }
  const auto uri = summary.find(PositionFileProperty());
  if (uri == summary.end()) return std::string();
  ST_TRY(const auto location, folder.LocationOf(uri->second));
  return ReadMetadataFile(storage, location);
}

std::string PositionFileProperty() { return FileKey(kPositionProperty); }

std::optional<std::string> PositionFileOf(const TableFolder& folder,
                                          const iceberg::Snapshot& snapshot) {
  const auto uri = snapshot.summary.find(PositionFileProperty());
  if (uri == snapshot.summary.end()) return std::nullopt;
  auto location = folder.LocationOf(uri->second);
  if (!location) return std::nullopt;
  return *std::move(location);
}

}  // namespace st::lake
