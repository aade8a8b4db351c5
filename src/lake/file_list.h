// The live data files of a table, shared between its Views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

#include "lake/chunk_statistics.h"
#include "lake/data_file.h"

namespace st::lake {

struct FileTotals {
  std::int64_t files = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  FileTotals& operator+=(const FileTotals& more);
};

// The data files of one manifest, oldest first.
//
// Threads: immutable.
class FileChunk {
 public:
  explicit FileChunk(std::vector<DataFile> files);
  const std::vector<DataFile>& files() const { return files_; }
  const FileTotals& totals() const { return totals_; }
  const ChunkStatistics& statistics() const { return statistics_; }  // in the order of the files
  // nullptr if the file is not here. Costs the logarithm of the number of files.
  const DataFile* Find(std::string_view location) const;
  bool Contains(std::string_view location) const { return Find(location) != nullptr; }

 private:
  std::vector<DataFile> files_;
  std::vector<std::uint32_t> by_location_;  // indexes of files_
  ChunkStatistics statistics_;
  FileTotals totals_;
};

// All live data files of a table, oldest first, as a list of chunks. A copy costs the number of
// chunks; the files themselves are shared with the Views before and after.
//
// Threads: as a standard container.
class FileList {
 public:
  class Iterator;

  FileList() = default;
  explicit FileList(std::vector<DataFile> files);  // one chunk
  void Append(std::shared_ptr<const FileChunk> chunk);

  Iterator begin() const;
  Iterator end() const;
  std::size_t size() const { return static_cast<std::size_t>(totals_.files); }
  bool empty() const { return chunks_.empty(); }
  const std::vector<std::shared_ptr<const FileChunk>>& chunks() const { return chunks_; }
  // Kept, not computed: costs nothing.
  const FileTotals& totals() const { return totals_; }
  // As FileChunk's. Costs a search in each chunk.
  const DataFile* Find(std::string_view location) const;
  bool Contains(std::string_view location) const { return Find(location) != nullptr; }

 private:
  std::vector<std::shared_ptr<const FileChunk>> chunks_;  // none is empty
  FileTotals totals_;
};

// Valid until the list is changed or destroyed.
class FileList::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = DataFile;
  using difference_type = std::ptrdiff_t;
  using pointer = const DataFile*;
  using reference = const DataFile&;

  Iterator() = default;
  reference operator*() const { return (*chunk_)->files()[index_]; }
  pointer operator->() const { return &**this; }
  Iterator& operator++() {
    if (++index_ == (*chunk_)->files().size()) {
      ++chunk_;
      index_ = 0;
    }
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  friend class FileList;
  using ChunkIterator = std::vector<std::shared_ptr<const FileChunk>>::const_iterator;
  explicit Iterator(ChunkIterator chunk) : chunk_(chunk) {}

  ChunkIterator chunk_;
  std::size_t index_ = 0;
};

}  // namespace st::lake
