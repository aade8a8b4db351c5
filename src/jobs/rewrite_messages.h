// The request to put rows of a table's data files into one new file.
#pragma once

#include <string>
#include <vector>

#include "base/table_layout.h"
#include "jobs/table_column.h"

namespace st::jobs {

// The rows are written in the order of the files, or sorted. The answer is the WrittenFile, synced,
// or nothing where `keep` left no row.
struct RewriteJob {
  std::vector<TableColumn> columns;  // all of the table's current schema
  std::vector<std::string> inputs;   // absolute paths of Parquet files
  std::string output_path;           // of the new file
  // A condition in DuckDB's SQL on these columns. Rows for which it is false or NULL are left out;
  // "" keeps all.
  std::string keep;
  // Where no row stays: write a file without rows, instead of none or an error.
  bool may_be_empty = false;
  std::vector<SortBy> sort;  // none: the order of the files
  // A name for a further new file, which is gone when the job ends. Where it is given, row groups
  // of the inputs may be copied as they are; the WrittenFile then has no `columns`, as the
  // statistics of the inputs hold for it. "": all rows are read and written again.
  std::string scratch_path;
};

}  // namespace st::jobs
