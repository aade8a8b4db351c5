#include "lake/leaving_files.h"

#include <algorithm>

#include "lake/limits.h"

namespace st::lake {

LeavingFiles::LeavingFiles(const TableFolder& folder)
    : data_(folder.data_folder()),
      metadata_(folder.metadata_folder()),
      versions_(folder.metadata_folder(), kMaxUnnamedVersions) {}

void LeavingFiles::Show(const TableState& state) {
  const auto* snapshot = state.metadata.CurrentSnapshot();
  shown_.emplace_back(snapshot == nullptr ? 0 : snapshot->sequence_number, state.view);
}

void LeavingFiles::Leave(const TableState& before, const TableState& next, const Parting& parting) {
  if (parting.is_rollback) Return(next);
  versions_.Add(before.view->metadata_file, {});
  const auto until = before.metadata.last_sequence_number + 1;
  std::set<std::string> stay;
  for (const auto& manifest : next.manifests) stay.insert(manifest.file.path);
  for (const auto& manifest : before.manifests) {
    if (stay.contains(manifest.file.path)) continue;
    const auto location = before.folder.LocationOf(manifest.file.path);
    if (location) metadata_.Add(*location, {manifest.file.sequence_number, until});
    for (const auto& file : manifest.files->files()) {
      if (!parting.removed.contains(file.location)) continue;
      // Tagged snapshots that are older than the file may name it, but none that is older than its
      // rows (lake/tagged_snapshots.h).
      data_.Add(file.location, {file.origin->sequence_number, until});
    }
  }
  data_.Unname(parting.removed, parting.tagged.sequence_numbers);
  metadata_.Unname(parting.tagged.manifests, parting.tagged.sequence_numbers);
  for (const auto& list : parting.tagged.lists) metadata_.Add(list, {});
  for (const auto& manifest : parting.tagged.added) {
    metadata_.Add(manifest, {*parting.tagged.sequence_numbers.begin(), until});
  }
  for (const auto& snapshot : parting.expired) {
    const auto list = before.folder.LocationOf(snapshot.manifest_list);
    const auto sequence = snapshot.sequence_number;
    if (list) metadata_.Add(*list, {sequence, sequence + 1});
  }
  LeaveStoredValues(before, next);
}

void LeavingFiles::LeaveStoredValues(const TableState& before, const TableState& next) {
  for (const auto& [key, value] : before.stored) {
    const auto stays = next.stored.find(key);
    if (stays != next.stored.end() && stays->second.file == value.file) continue;
    RetiredFiles::Lifetime lifetime;
    for (const auto& snapshot : before.metadata.snapshots) {
      if (PositionFileOf(before.folder, snapshot) != value.file) continue;
      if (lifetime.until == 0) lifetime.from = snapshot.sequence_number;
      lifetime.until = snapshot.sequence_number + 1;
    }
    metadata_.Add(value.file, lifetime);
  }
}

void LeavingFiles::Return(const TableState& next) {
  std::set<std::string> data;
  std::set<std::string> metadata;
  for (const auto& manifest : next.manifests) {
    if (const auto location = next.folder.LocationOf(manifest.file.path))
      metadata.insert(*location);
    for (const auto& file : manifest.files->files()) data.insert(file.location);
  }
  data_.Forget(data);
  metadata_.Forget(metadata);
}

void LeavingFiles::LeaveOrphans(const std::vector<std::string>& locations) {
  for (const auto& location : locations) {
    const auto name = std::string_view(location).substr(location.rfind('/') + 1);
    auto& files = data_.IsFolderOf(location) ? data_
                  : VersionOfFileName(name)  ? versions_
                                             : metadata_;
    files.Add(location, {});
  }
}

std::vector<std::string> LeavingFiles::Take(const TableState& state, std::int64_t now_us) {
  std::set<std::int64_t> snapshots;
  for (const auto& snapshot : state.metadata.snapshots) snapshots.insert(snapshot.sequence_number);
  std::erase_if(shown_, [](const auto& shown) { return shown.second.expired(); });
  std::set<std::int64_t> views;
  for (const auto& [sequence, view] : shown_) views.insert(sequence);
  auto taken = data_.TakeUnnamed(now_us, snapshots, views);
  for (auto* files : {&metadata_, &versions_}) {
    std::ranges::move(files->TakeUnnamed(now_us, snapshots, views), std::back_inserter(taken));
  }
  return taken;
}

bool LeavingFiles::Contains(std::string_view location) const {
  return data_.Contains(location) || metadata_.Contains(location) || versions_.Contains(location);
}

bool LeavingFiles::IsHeld(const TableState& state) const {
  return std::ranges::any_of(shown_, [&state](const auto& shown) {
    const auto view = shown.second.lock();
    return view != nullptr && view != state.view;
  });
}

LeavingFiles::Parting PartingBetween(const TableState& before, const TableState& read) {
  LeavingFiles::Parting parting{.removed = LocationsOf(before.manifests),
                                .expired = before.metadata.snapshots,
                                .tagged = {},
                                .is_rollback = true};
  const auto live = LocationsOf(read.manifests);
  std::erase_if(parting.removed, [&](const auto& location) { return live.contains(location); });
  std::erase_if(parting.expired, [&](const auto& snapshot) {
    return read.metadata.FindSnapshot(snapshot.id) != nullptr;
  });
  return parting;
}

}  // namespace st::lake
