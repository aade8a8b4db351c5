// A table function without arguments whose rows this program makes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/chunk.h"
#include "sql/database.h"

namespace st::sql {

// The rows that a scan fills. Columns are those that the query wants, in the scan's order.
class ChunkWriter {
 public:
  ChunkWriter(void* chunk, std::size_t columns);
  // Most rows of one Fill.
  std::uint64_t capacity() const { return capacity_; }
  template <typename T>
  void Set(std::size_t column, std::uint64_t row, T value) {
    static_cast<T*>(data_[column])[row] = value;
  }
  // Copies the bytes, for kVarchar and kBlob. Requires: of kVarchar, they are valid UTF-8.
  void SetBytes(std::size_t column, std::uint64_t row, std::string_view bytes);
  void SetNull(std::size_t column, std::uint64_t row);

 private:
  std::uint64_t capacity_;
  std::vector<void*> vectors_;
  std::vector<void*> data_;
};

// One reading of the table.
//
// Threads: one at a time.
class TableScan {
 public:
  virtual ~TableScan() = default;
  // Fills rows from 0 and returns their number; 0 is the end. An error fails the query with its
  // message.
  virtual Result<std::uint64_t> Fill(ChunkWriter& to) = 0;
};

struct TableFunction {
  struct Column {
    std::string name;
    TypeId type;  // a plain one
  };
  std::string name;
  std::vector<Column> columns;
  // Begins a scan; `wanted` are the indexes of the columns that the query reads, rising or not.
  // Called from the thread that executes the statement.
  std::function<Result<std::unique_ptr<TableScan>>(std::span<const std::size_t> wanted)> begin;
};

// Registers `function` in the connection's database for good. An error of the scan keeps its
// message, not its code: KindOf is kInvalidInput.
Status Register(Connection& connection, TableFunction function);

}  // namespace st::sql
