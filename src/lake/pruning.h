// Decides by the statistics and partition values of data files which of them can hold rows that a
// condition wants.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/row_filter.h"
#include "lake/view.h"

namespace st::lake {

// A condition on the columns of one table, ready for many files.
//
// A file without a statistic, of a column that was added later for example, is never excluded by
// it. Values compare as DuckDB compares them: text by bytes, NaN above all numbers, -0.0 equal to
// 0.0. Partition values exclude what bounds do not: buckets, and long texts.
// Threads: immutable.
class Pruner {
 public:
  // Parts about a column that `columns` lacks, of a type without an order here (binary, uuid,
  // boolean, float, nested ones), or with a value that is none of the type, exclude nothing.
  // `specs` are those of the files.
  Pruner(const RowFilter& filter, const std::vector<Column>& columns,
         const std::vector<PartitionSpec>& specs);
  ~Pruner();
  Pruner(Pruner&&) noexcept;
  Pruner& operator=(Pruner&&) noexcept;

  // Appends the chunk's files that may have a row that satisfies the condition. Costs a look at the
  // arrays of the columns that it names (chunk_statistics.h).
  void AddFiles(const FileChunk& chunk, std::vector<const DataFile*>& to) const;

 private:
  struct Table;
  struct Node;
  std::unique_ptr<const Node> root_;
};

// The files that may have such rows, in the order of the list; valid as long as the View.
std::vector<const DataFile*> FilesFor(const RowFilter& filter, const View& view);

}  // namespace st::lake
