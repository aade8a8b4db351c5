#include "lake/rebase.h"

#include <map>
#include <utility>
#include <vector>

#include "lake/layout.h"
#include "lake/metadata_files.h"

namespace st::lake {

namespace {

class Rebaser {
 public:
  // All must outlive it.
  Rebaser(TableEnv env, const TableFolder& from, const TableFolder& to,
          const iceberg::TableMetadata& metadata)
      : env_(env), from_(from), to_(to), metadata_(metadata) {}

  // Writes the list of a snapshot and what it names; the snapshot then names the new files.
  Status Move(iceberg::Snapshot& snapshot) {
    ST_TRY(const auto manifests, ReadManifestList(env_.storage, from_, snapshot.manifest_list));
    std::vector<iceberg::ManifestFile> moved;
    for (const auto& manifest : manifests) {
      ST_TRY(const auto* known, Move(manifest));
      moved.push_back(*known);
    }
    ST_TRY(snapshot.manifest_list, WriteManifestList(env_, snapshot, to_, moved));
    return {};
  }

  // The files of properties, or of a summary, copied; the URIs are changed in place.
  Status MoveFiles(std::map<std::string, std::string>& properties) {
    return ForEachFile(properties, [this](std::string& uri) { return MoveFile(uri); });
  }

  std::set<std::string> TakeDataFiles() { return std::move(data_files_); }

 private:
  Status MoveFile(std::string& uri) {
    ST_TRY(const auto location, from_.LocationOf(uri));
    auto& moved = files_[location];
    if (moved.empty()) {
      moved = to_.location + location.substr(from_.location.size());
      if (moved != location) {
        ST_TRY(const auto text, ReadMetadataFile(env_.storage, location));
        ST_TRY_STATUS(env_.storage.Write(moved, text));
      }
    }
    uri = to_.UriOf(moved);
    return {};
  }
  // A manifest is in the lists of many snapshots, and is written once.
  Result<const iceberg::ManifestFile*> Move(const iceberg::ManifestFile& manifest) {
    const auto known = manifests_.find(manifest.path);
    if (known != manifests_.end()) return &known->second;
    ST_TRY(const auto location, from_.LocationOf(manifest.path));
    ST_TRY(const auto bytes, ReadMetadataFile(env_.storage, location));
    ST_TRY(auto entries, OfMetadataFile(iceberg::DecodeManifest(bytes), location));
    for (auto& entry : entries) {
      ST_TRY(const auto file, from_.LocationOf(entry.file_path));
      if (entry.status != iceberg::EntryStatus::kDeleted) {
        data_files_.insert(file.substr(from_.data_folder().size() + 1));
      }
      entry.file_path = to_.uri + file.substr(from_.location.size());
    }
    ST_TRY(const auto head, HeadOf(metadata_, manifest.spec_id));
    const auto encoded = iceberg::EncodeManifest(head, entries, env_.random.NewUuid());
    const auto name = ManifestName(manifest.sequence_number, env_.random.NewUuid());
    ST_TRY(const auto written, WriteMetadataFile(env_.storage, to_, name, encoded));
    auto moved = manifest;
    moved.path = to_.UriOf(written);
    moved.length = std::ssize(encoded);
    return &manifests_.emplace(manifest.path, std::move(moved)).first->second;
  }

  const TableEnv env_;
  const TableFolder& from_;
  const TableFolder& to_;
  const iceberg::TableMetadata& metadata_;
  std::map<std::string, iceberg::ManifestFile> manifests_;  // by their old URI
  std::map<std::string, std::string> files_;                // of properties, by old location
  std::set<std::string> data_files_;
};

}  // namespace

Result<std::set<std::string>> Rebase(TableEnv env, const TableFolder& to, TableState& state) {
  const auto from = state.folder;
  Rebaser rebaser(env, from, to, state.metadata);
  for (auto& snapshot : state.metadata.snapshots) {
    ST_TRY_STATUS(rebaser.Move(snapshot));
    auto summary = snapshot.summary.entries();
    ST_TRY_STATUS(rebaser.MoveFiles(summary));
    snapshot.summary = std::move(summary);
  }
  ST_TRY_STATUS(rebaser.MoveFiles(state.metadata.properties));
  state.folder = to;
  state.metadata.location = to.uri;
  state.metadata.metadata_log.clear();  // it names files in the old place
  ST_TRY(state.stored, ReadStoredValues(env.storage, to, state.metadata.properties));
  state.manifests.clear();
  if (const auto* current = state.metadata.CurrentSnapshot()) {
    ST_TRY(state.manifests, ReadSnapshot(env.storage, to, *current));
  }
  return rebaser.TakeDataFiles();
}

}  // namespace st::lake
