#include "lake/leaving_files.h"

#include <algorithm>

#include "lake/limits.h"

namespace st::lake {

LeavingFiles::LeavingFiles(const TableFolder& folder)
    : data_(folder.data_folder()), metadata_(folder.metadata_folder(), kMaxUnnamedMetadata) {}

void LeavingFiles::Show(const TableState& state) {
  const auto* snapshot = state.metadata.CurrentSnapshot();
  shown_.emplace_back(snapshot == nullptr ? 0 : snapshot->sequence_number, state.view);
}

void LeavingFiles::Leave(const TableState& before, const TableState& next,
                         const std::set<std::string>& removed,
                         const std::vector<iceberg::Snapshot>& expired) {
  metadata_.Add(before.view->metadata_file, {});
  const auto until = before.metadata.last_sequence_number + 1;
  std::set<std::string> stay;
  for (const auto& manifest : next.manifests) stay.insert(manifest.file.path);
  for (const auto& manifest : before.manifests) {
    if (stay.contains(manifest.file.path)) continue;
    const auto location = before.folder.LocationOf(manifest.file.path);
    if (location) metadata_.Add(*location, {manifest.file.sequence_number, until});
    for (const auto& file : manifest.files->files()) {
      if (!removed.contains(file.location)) continue;
      data_.Add(file.location, {file.origin->sequence_number, until});
    }
  }
  for (const auto& snapshot : expired) {
    const auto list = before.folder.LocationOf(snapshot.manifest_list);
    const auto sequence = snapshot.sequence_number;
    if (list) metadata_.Add(*list, {sequence, sequence + 1});
  }
  LeavePosition(before, next);
}

void LeavingFiles::LeavePosition(const TableState& before, const TableState& next) {
  const auto& file = before.position.file;
  if (file.empty() || file == next.position.file) return;
  RetiredFiles::Lifetime lifetime;
  for (const auto& snapshot : before.metadata.snapshots) {
    if (PositionFileOf(before.folder, snapshot) != file) continue;
    if (lifetime.until == 0) lifetime.from = snapshot.sequence_number;
    lifetime.until = snapshot.sequence_number + 1;
  }
  metadata_.Add(file, lifetime);
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

std::vector<std::string> LeavingFiles::Take(const TableState& state, std::int64_t now_us) {
  std::set<std::int64_t> named;
  for (const auto& snapshot : state.metadata.snapshots) named.insert(snapshot.sequence_number);
  std::erase_if(shown_, [](const auto& shown) { return shown.second.expired(); });
  for (const auto& [sequence, view] : shown_) named.insert(sequence);
  auto taken = data_.TakeUnnamed(now_us, named);
  std::ranges::move(metadata_.TakeUnnamed(now_us, named), std::back_inserter(taken));
  return taken;
}

bool LeavingFiles::Contains(std::string_view location) const {
  return data_.Contains(location) || metadata_.Contains(location);
}

bool LeavingFiles::IsHeld(const TableState& state) const {
  return std::ranges::any_of(shown_, [&state](const auto& shown) {
    const auto view = shown.second.lock();
    return view != nullptr && view != state.view;
  });
}

}  // namespace st::lake
