#include "lake/orphans.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "lake/limits.h"

namespace st::lake {

namespace {

// Everything that the metadata of one version leads to.
class NamedFiles {
 public:
  static Result<NamedFiles> Of(Storage& storage, const TableState& state) {
    NamedFiles named;
    named.locations_.insert(state.view->metadata_file);
    for (const auto& [key, value] : state.stored) named.locations_.insert(value.file);
    for (const auto& manifest : state.manifests) {
      ST_TRY(auto location, state.folder.LocationOf(manifest.file.path));
      named.AddManifest(std::move(location), *manifest.files);
    }
    for (const auto& snapshot : state.metadata.snapshots) {
      ST_TRY_STATUS(named.AddSnapshot(storage, state.folder, snapshot));
    }
    return named;
  }
  bool Contains(const std::string& location) const { return locations_.contains(location); }

 private:
  void AddManifest(std::string location, const FileChunk& files) {
    locations_.insert(std::move(location));
    for (const auto& file : files.files()) locations_.insert(file.location);
  }
  // A manifest is in the lists of many snapshots, and is read once.
  Status AddSnapshot(Storage& storage, const TableFolder& folder,
                     const iceberg::Snapshot& snapshot) {
    ST_TRY(auto list, folder.LocationOf(snapshot.manifest_list));
    locations_.insert(std::move(list));
    if (auto position = PositionFileOf(folder, snapshot)) locations_.insert(*std::move(position));
    ST_TRY(const auto manifests, ReadManifestList(storage, folder, snapshot.manifest_list));
    for (const auto& manifest : manifests) {
      ST_TRY(auto location, folder.LocationOf(manifest.path));
      if (locations_.contains(location)) continue;
      ST_TRY(const auto read, ReadManifest(storage, folder, manifest));
      AddManifest(std::move(location), *read.files);
    }
    return {};
  }

  std::set<std::string> locations_;
};

bool IsMetadataName(std::string_view name, std::int64_t version) {
  const auto of_version = VersionOfFileName(name);
  return name.ends_with(".tmp") || (of_version && *of_version < version) ||
         IsCommitFileName(name) || IsPropertyFileName(name);
}

}  // namespace

Result<std::vector<Orphan>> FindOrphans(Storage& storage, const TableState& state) {
  ST_TRY(const auto named, NamedFiles::Of(storage, state));
  std::vector<Orphan> orphans;
  const auto look_at = [&](const std::string& location, std::int64_t age_us) {
    if (named.Contains(location)) return;
    const auto identity = storage.Identity(location);
    if (!identity) return;  // it is gone, or the disk does not say how old it is
    const auto modified_us = identity->modified_ns / 1000;
    orphans.push_back({.location = location,
                       .bytes = static_cast<std::int64_t>(identity->size_bytes),
                       .modified_us = modified_us,
                       .removable_us = modified_us + age_us});
  };
  ST_TRY(const auto metadata, storage.List(state.folder.metadata_folder()));
  for (const auto& name : metadata) {
    if (!IsMetadataName(name, state.version)) continue;
    look_at(state.folder.metadata_file(name), kKeepUnnamedUs);
  }
  ST_TRY(const auto data, storage.List(state.folder.data_folder()));
  for (const auto& name : data) {
    if (!IsCommitFileName(name)) continue;
    look_at(JoinLocation(state.folder.data_folder(), name), kOrphanAgeUs);
  }
  return orphans;
}

}  // namespace st::lake
