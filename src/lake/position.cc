#include "lake/position.h"

#include <utility>

#include "lake/limits.h"
#include "lake/view.h"

namespace st::lake {

namespace {

constexpr std::string_view kPrefix = "offsets-";
constexpr std::string_view kSuffix = ".json";

}  // namespace

bool IsPositionFileName(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  return Uuid::Parse(name).has_value();
}

Status StorePosition(Storage& storage, os::Random& random, const TableFolder& folder,
                     std::string text, Position& position, iceberg::TableMetadata& metadata) {
  auto& properties = metadata.properties;
  properties.erase(kPositionProperty);
  properties.erase(kPositionFileProperty);
  if (text.size() <= kMaxPositionBytes) {
    if (!text.empty()) properties[kPositionProperty] = text;
    position = {.text = std::move(text), .file = ""};
    return {};
  }
  if (position.file.empty() || position.text != text) {
    auto file =
        folder.metadata_file(fmt::format("{}{}{}", kPrefix, random.NewUuid().ToString(), kSuffix));
    ST_TRY_STATUS(storage.Write(file, text));
    position = {.text = std::move(text), .file = std::move(file)};
  }
  properties[kPositionFileProperty] = folder.UriOf(position.file);
  return {};
}

Result<Position> ReadPosition(Storage& storage, const TableFolder& folder,
                              const std::map<std::string, std::string>& properties) {
  if (const auto text = properties.find(kPositionProperty); text != properties.end()) {
    return Position{.text = text->second, .file = ""};
  }
  const auto uri = properties.find(kPositionFileProperty);
  if (uri == properties.end()) return Position{};
  Position position;
  ST_TRY(position.file, folder.LocationOf(uri->second));
  auto text = storage.Read(position.file, kMaxMetadataBytes);
  if (!text && text.error().code() == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kCorruption,
                "{}: the file is missing; restore the data folder as a whole from a copy",
                position.file);
  }
  ST_TRY(position.text, std::move(text));
  return position;
}

std::optional<std::string> PositionFileOf(const TableFolder& folder,
                                          const iceberg::Snapshot& snapshot) {
  const auto uri = snapshot.summary.find(kPositionFileProperty);
  if (uri == snapshot.summary.end()) return std::nullopt;
  auto location = folder.LocationOf(uri->second);
  if (!location) return std::nullopt;
  return *std::move(location);
}

}  // namespace st::lake
