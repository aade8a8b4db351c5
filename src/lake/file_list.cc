#include "lake/file_list.h"

#include <algorithm>
#include <numeric>

namespace st::lake {

FileTotals& FileTotals::operator+=(const FileTotals& more) {
  files += more.files;
  records += more.records;
  bytes += more.bytes;
  return *this;
}

FileChunk::FileChunk(std::vector<DataFile> files)
    : files_(std::move(files)), by_location_(files_.size()), statistics_(files_) {
  for (const auto& file : files_) totals_ += {1, file.record_count, file.file_size_bytes};
  std::iota(by_location_.begin(), by_location_.end(), 0U);
  std::ranges::sort(by_location_, {},
                    [this](std::uint32_t i) -> const std::string& { return files_[i].location; });
}

const DataFile* FileChunk::Find(std::string_view location) const {
  const auto location_of = [this](std::uint32_t i) { return std::string_view(files_[i].location); };
  const auto found = std::ranges::lower_bound(by_location_, location, {}, location_of);
  if (found == by_location_.end() || location_of(*found) != location) return nullptr;
  return &files_[*found];
}

FileList::FileList(std::vector<DataFile> files) {
  Append(std::make_shared<const FileChunk>(std::move(files)));
}

void FileList::Append(std::shared_ptr<const FileChunk> chunk) {
  if (chunk->files().empty()) return;
  totals_ += chunk->totals();
  chunks_.push_back(std::move(chunk));
}

FileList::Iterator FileList::begin() const { return Iterator(chunks_.begin()); }
FileList::Iterator FileList::end() const { return Iterator(chunks_.end()); }

const DataFile* FileList::Find(std::string_view location) const {
  for (const auto& chunk : chunks_) {
    if (const auto* file = chunk->Find(location)) return file;
  }
  return nullptr;
}

}  // namespace st::lake
