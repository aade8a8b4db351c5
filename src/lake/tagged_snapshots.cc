#include "lake/tagged_snapshots.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "lake/holds.h"

namespace st::lake {

namespace {

using Paths = std::vector<std::string>;

void AddToNumber(const char* key, std::int64_t difference,
                 std::map<std::string, std::string>& summary) {
  const auto found = summary.find(key);
  if (found == summary.end()) return;
  if (const auto number = ParseInt64(found->second)) {
    found->second = std::to_string(*number + difference);
  }
}

class TaggedReplacer {
 public:
  // All must outlive it.
  TaggedReplacer(TableEnv env, const TableState& before, const std::set<std::string>& inputs,
                 const TableState& next)
      : env_(env),
        inputs_(inputs),
        next_(next),
        replace_(*next.metadata.CurrentSnapshot()),
        oldest_row_(replace_.sequence_number) {
    NoteInputs(before);
    NoteOutputs();
  }

  // Whether a snapshot has all rows of the outputs, unless a rollback parted them.
  bool IsOldEnough(const iceberg::Snapshot& snapshot) const {
    return snapshot.id != replace_.id && snapshot.sequence_number >= youngest_row_;
  }
  // Changes the snapshot if it names all inputs.
  Status Replace(iceberg::Snapshot& snapshot) {
    auto listed = ReadManifestList(env_.storage, next_.folder, snapshot.manifest_list);
    if (!listed) return std::unexpected(listed.error());
    ST_TRY(const auto with_inputs, WithInputs(*listed));
    std::int64_t named = 0;
    for (const auto& manifest : with_inputs) named += CountInputs(*manifest.files);
    if (named != std::ssize(inputs_)) return {};
    ST_TRY(const auto* replaced, Replaced(with_inputs, snapshot));
    std::vector<iceberg::ManifestFile> files;
    bool is_placed = false;
    for (auto& manifest : *listed) {
      if (!IsAmong(with_inputs, manifest.path)) {
        files.push_back(std::move(manifest));
      } else if (!std::exchange(is_placed, true)) {
        files.insert(files.end(), replaced->begin(), replaced->end());
      }
    }
    return SetList(with_inputs, files, snapshot);
  }

  TaggedChange TakeChange() { return std::move(change_); }

 private:
  void NoteInputs(const TableState& before) {
    for (const auto& manifest : before.manifests) {
      known_.emplace(manifest.file.path, manifest.files);
      for (const auto& file : manifest.files->files()) {
        if (!inputs_.contains(file.location)) continue;
        oldest_row_ = std::min(oldest_row_, file.origin->sequence_number);
        more_bytes_ -= file.file_size_bytes;
      }
    }
  }
  void NoteOutputs() {
    for (const auto& manifest : next_.manifests) {
      for (const auto& file : manifest.files->files()) {
        if (file.origin->snapshot_id != replace_.id) continue;
        youngest_row_ = std::max(youngest_row_, file.origin->sequence_number);
        more_bytes_ += file.file_size_bytes;
        outputs_.push_back(file);
      }
    }
  }
  std::int64_t CountInputs(const FileChunk& files) const {
    return std::ranges::count_if(
        inputs_, [&files](const std::string& location) { return files.Contains(location); });
  }
  static bool IsAmong(const std::vector<LiveManifest>& manifests, const std::string& path) {
    return std::ranges::any_of(
        manifests, [&path](const auto& manifest) { return manifest.file.path == path; });
  }
  // Those of the manifests that name an input.
  Result<std::vector<LiveManifest>> WithInputs(const std::vector<iceberg::ManifestFile>& listed) {
    std::vector<LiveManifest> with_inputs;
    for (const auto& manifest : listed) {
      if (manifest.sequence_number < oldest_row_) continue;  // it is older than all inputs
      auto& files = known_[manifest.path];
      if (files == nullptr) {
        ST_TRY(auto read, ReadManifest(env_.storage, next_.folder, manifest));
        files = std::move(read.files);
      }
      if (CountInputs(*files) > 0) with_inputs.push_back({.file = manifest, .files = files});
    }
    return with_inputs;
  }
  // The manifests that take the place of these. They belong to the oldest snapshot that names them,
  // as no snapshot is older than its manifests.
  Result<const std::vector<iceberg::ManifestFile>*> Replaced(
      const std::vector<LiveManifest>& with_inputs, const iceberg::Snapshot& snapshot) {
    Paths paths;
    for (const auto& manifest : with_inputs) paths.push_back(manifest.file.path);
    const auto known = replaced_.find(paths);
    if (known != replaced_.end()) return &known->second;
    TableState part = next_;
    part.manifests.clear();
    ST_TRY_STATUS(WriteExistingManifests(env_, snapshot, WithOutputs(with_inputs), part));
    std::vector<iceberg::ManifestFile> files;
    for (const auto& manifest : part.manifests) {
      ST_TRY(auto location, next_.folder.LocationOf(manifest.file.path));
      change_.added.push_back(std::move(location));
      files.push_back(manifest.file);
    }
    return &replaced_.emplace(std::move(paths), std::move(files)).first->second;
  }
  // The files of the manifests, with the outputs where the first input was.
  std::vector<DataFile> WithOutputs(const std::vector<LiveManifest>& with_inputs) const {
    std::vector<DataFile> files;
    bool is_placed = false;
    for (const auto& manifest : with_inputs) {
      for (const auto& file : manifest.files->files()) {
        if (!inputs_.contains(file.location)) {
          files.push_back(file);
        } else if (!std::exchange(is_placed, true)) {
          files.insert(files.end(), outputs_.begin(), outputs_.end());
        }
      }
    }
    return files;
  }
  Status SetList(const std::vector<LiveManifest>& with_inputs,
                 const std::vector<iceberg::ManifestFile>& files, iceberg::Snapshot& snapshot) {
    ST_TRY(auto list, next_.folder.LocationOf(snapshot.manifest_list));
    ST_TRY(snapshot.manifest_list, WriteManifestList(env_, snapshot, next_.folder, files));
    change_.lists.push_back(std::move(list));
    change_.sequence_numbers.insert(snapshot.sequence_number);
    for (const auto& manifest : with_inputs) {
      ST_TRY(auto location, next_.folder.LocationOf(manifest.file.path));
      change_.manifests.insert(std::move(location));
    }
    auto summary = snapshot.summary.entries();
    AddToNumber("total-data-files", std::ssize(outputs_) - std::ssize(inputs_), summary);
    AddToNumber("total-files-size", more_bytes_, summary);
    snapshot.summary = std::move(summary);
    return {};
  }

  const TableEnv env_;
  const std::set<std::string>& inputs_;
  const TableState& next_;
  const iceberg::Snapshot replace_;
  std::vector<DataFile> outputs_;
  std::int64_t oldest_row_;        // the least sequence number of the inputs
  std::int64_t youngest_row_ = 0;  // the sequence number of the outputs
  std::int64_t more_bytes_ = 0;    // of the outputs than of the inputs
  std::map<std::string, std::shared_ptr<const FileChunk>> known_;  // by the manifest's path
  std::map<Paths, std::vector<iceberg::ManifestFile>> replaced_;   // by those that they replace
  TaggedChange change_;
};

}  // namespace

Result<TaggedChange> ReplaceInTagged(TableEnv env, const TableState& before,
                                     const std::set<std::string>& inputs, TableState& next) {
  std::set<std::int64_t> tagged;
  const auto first_held = FirstHeldSequence(next.metadata);
  for (const auto& tag : next.metadata.tags) {
    const auto* snapshot = next.metadata.FindSnapshot(tag.snapshot_id);
    if (first_held && snapshot->sequence_number >= *first_held) continue;
    if (!IsTagOfHold(tag)) tagged.insert(tag.snapshot_id);
  }
  if (tagged.empty()) return TaggedChange();
  auto snapshots = next.metadata.snapshots;
  TaggedReplacer replacer(env, before, inputs, next);
  for (auto& snapshot : snapshots) {
    if (!tagged.contains(snapshot.id) || !replacer.IsOldEnough(snapshot)) continue;
    const auto done = replacer.Replace(snapshot);
    if (!done && done.error().code() != ErrorCode::kCorruption)
      return std::unexpected(done.error());
  }
  next.metadata.snapshots = std::move(snapshots);
  return replacer.TakeChange();
}

}  // namespace st::lake
