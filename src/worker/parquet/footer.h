// The footer of a Parquet file: its row groups, and what holds for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"
#include "worker/parquet/thrift.h"

namespace st::worker::parquet {

// The pages of some rows. They lie side by side in the file.
//
// Units:  bytes from the file's begin.
// Format: Parquet's RowGroup.
struct RowGroup {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::int64_t rows = 0;
  ThriftValue value;
};

struct Footer {
  std::vector<RowGroup> row_groups;
  std::int64_t rows = 0;
  // Parquet's FileMetaData without rows and row groups: schema, order of the columns, writer. Files
  // with the same `file` can exchange row groups.
  ThriftValue file;
};

// Errors: kCorruption: this is no Parquet file; kUnsupported: it is encrypted, or the pages of a
//         row group do not lie side by side; those of File.
Result<Footer> ReadFooter(os::File& file);

// Makes a Parquet file of row groups of others with the same `Footer::file`, whose pages stay as
// they are.
//
// Threads: one thread.
// Owner:   the file must outlive it.
// Errors:  those of File; what was written is no Parquet file then.
class RowGroupWriter {
 public:
  // Requires: the file is empty.
  explicit RowGroupWriter(os::File& to) : to_(to) {}

  // Copies a row group that ReadFooter found in `from`, with its Bloom filters.
  Status Copy(os::File& from, const RowGroup& group);
  // Writes the end of the file. Returns its size. The caller syncs.
  Result<std::int64_t> Finish(const ThriftValue& file);
  std::int64_t rows() const { return rows_; }

 private:
  Status CopyBytes(os::File& from, std::uint64_t begin, std::uint64_t end);
  Status Append(std::string_view bytes);
  Status KeepFilter(os::File& from, ThriftValue& column);

  os::File& to_;
  std::uint64_t size_ = 0;
  std::int64_t rows_ = 0;
  std::string buffer_;
  ThriftValue groups_{.type = ThriftValue::Type::kList};
  // The Bloom filter of a column of a row group; filters lie behind all row groups.
  struct Filter {
    std::size_t group = 0;
    std::size_t column = 0;
    std::string bytes;
  };
  std::vector<Filter> filters_;
};

}  // namespace st::worker::parquet
