#include "lake/metadata_check.h"

#include <set>
#include <string>
#include <utility>

#include "lake/metadata_files.h"
#include "lake/table_state.h"

namespace st::lake {

namespace {

class MetadataCheck {
 public:
  // Both must outlive it.
  MetadataCheck(Storage& storage, const TableState& state) : storage_(storage), state_(state) {
    for (const auto& manifest : state.manifests) seen_.insert(manifest.file.path);
    for (const auto& [key, value] : state.stored) seen_.insert(state.folder.UriOf(value.file));
    if (const auto* current = state.metadata.CurrentSnapshot()) {
      seen_.insert(current->manifest_list);
    }
  }

  std::vector<Error> Run() {
    for (const auto& snapshot : state_.metadata.snapshots) {
      CheckPosition(snapshot);
      CheckList(snapshot.manifest_list);
    }
    return std::move(errors_);
  }

 private:
  void CheckPosition(const iceberg::Snapshot& snapshot) {
    const auto file = PositionFileOf(state_.folder, snapshot);
    if (!file || !seen_.insert(state_.folder.UriOf(*file)).second) return;
    if (const auto read = ReadMetadataFile(storage_, *file); !read) {
      errors_.push_back(read.error());
    }
  }
  void CheckList(const std::string& uri) {
    if (!seen_.insert(uri).second) return;
    const auto manifests = ReadManifestList(storage_, state_.folder, uri);
    if (!manifests) {
      errors_.push_back(manifests.error());
      return;
    }
    for (const auto& manifest : *manifests) {
      if (!seen_.insert(manifest.path).second) continue;
      if (const auto read = ReadManifest(storage_, state_.folder, manifest); !read) {
        errors_.push_back(read.error());
      }
    }
  }

  Storage& storage_;
  const TableState& state_;
  std::set<std::string> seen_;  // URIs
  std::vector<Error> errors_;
};

}  // namespace

std::vector<Error> CheckMetadata(Storage& storage, const TableName& name) {
  const auto state = ReadTableBesideOwner(storage, name);
  if (!state) return {state.error()};
  if (!*state) return {};
  return MetadataCheck(storage, **state).Run();
}

}  // namespace st::lake
