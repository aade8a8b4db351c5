#include "lake/cleanup.h"

#include <set>
#include <utility>

#include "lake/limits.h"

namespace st::lake {

namespace {

// Sequence numbers tell which manifests are needed: a manifest enters the lists with the snapshot
// that made it, and leaves them for good when it is merged. So a manifest that is older than the
// oldest kept snapshot, and not in its list, is in no list of a kept snapshot.
std::set<std::string> NeededFiles(const TableState& state,
                                  const std::vector<iceberg::ManifestFile>& oldest) {
  std::set<std::string> needed = {state.view->metadata_file};
  const auto need = [&](const std::string& uri) {
    if (auto location = state.folder.LocationOf(uri)) needed.insert(std::move(*location));
  };
  for (const auto& entry : state.metadata.metadata_log) need(entry.file);
  for (const auto& snapshot : state.metadata.snapshots) need(snapshot.manifest_list);
  for (const auto& manifest : oldest) need(manifest.path);
  for (const auto& manifest : state.manifests) need(manifest.file.path);
  return needed;
}

}  // namespace

std::vector<std::string> Expire(std::int64_t now_ms, TableState& state) {
  auto& metadata = state.metadata;
  std::size_t drop = 0;
  while (metadata.snapshots.size() - drop > kMinSnapshots &&
         (metadata.snapshots.size() - drop > kMaxSnapshots ||
          metadata.snapshots[drop].timestamp_ms < now_ms - kKeepSnapshotsMs)) {
    ++drop;
  }
  metadata.snapshots.erase(metadata.snapshots.begin(),
                           metadata.snapshots.begin() + static_cast<std::ptrdiff_t>(drop));
  if (drop > 0) {
    std::set<std::int64_t> kept;
    for (const auto& snapshot : metadata.snapshots) kept.insert(snapshot.id);
    std::erase_if(metadata.snapshot_log,
                  [&](const auto& entry) { return !kept.contains(entry.snapshot_id); });
  }
  // A version was current until the next one was committed, so the time of the next one counts.
  auto& log = metadata.metadata_log;
  std::size_t old = 0;
  while (
      log.size() - old > kMinVersions &&
      (log.size() - old > kMaxVersions || log[old + 1].timestamp_ms < now_ms - kKeepVersionsMs)) {
    ++old;
  }
  std::vector<std::string> removable;
  for (std::size_t i = 0; i < old; ++i) {
    if (auto location = state.folder.LocationOf(log[i].file)) {
      removable.push_back(std::move(*location));
    }
  }
  log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(old));
  return removable;
}

void SweepMetadata(Storage& storage, const TableState& state) {
  const auto& snapshots = state.metadata.snapshots;
  const auto names = storage.List(state.folder.metadata_folder());
  if (!names || snapshots.empty()) return;
  const auto oldest = ReadManifestList(storage, state.folder, snapshots.front().manifest_list);
  if (!oldest) return;
  const auto needed = NeededFiles(state, *oldest);
  const auto oldest_sequence = snapshots.front().sequence_number;
  for (const auto& name : *names) {
    const auto location = state.folder.metadata_file(name);
    if (needed.contains(location)) continue;
    const auto version = VersionOfFileName(name);
    const auto manifest = SequenceOfFileName("m-", name);
    const bool is_garbage = name.ends_with(".tmp") || (version && *version < state.version) ||
                            SequenceOfFileName("snap-", name).has_value() ||
                            (manifest && *manifest < oldest_sequence);
    if (is_garbage) Ignore(storage.Remove(location), "the next sweep tries again");
  }
}

void SweepData(Storage& storage, std::int64_t now_us, const TableState& state) {
  const auto folder = state.folder.data_folder();
  const auto names = storage.List(folder);
  if (!names) return;
  for (const auto& name : *names) {
    const auto location = JoinLocation(folder, name);
    if (!IsDataFileName(name) || state.view->files.Contains(location)) continue;
    const auto modified = storage.ModifiedUs(location);
    if (!modified || *modified > now_us - kOrphanAgeUs) continue;
    Ignore(storage.Remove(location), "the next start tries again");
  }
}

}  // namespace st::lake
