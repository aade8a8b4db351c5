// The statistics of data files by column, so that a condition on a column reads arrays of it, and
// not what each file says of all its columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/data_file.h"

namespace st::lake {

// One byte string a file, or none, side by side: the first eight bytes of each as a number.
//
// Threads: as a standard container.
class ByteColumn {
 public:
  static constexpr std::size_t kFirstBytes = 8;

  void Reserve(std::size_t files);
  void Add(std::optional<std::string_view> bytes);

  std::size_t size() const { return lengths_.size(); }
  bool Has(std::size_t i) const { return lengths_[i] != kNone; }
  // Requires for all below: Has(i).
  // kFirstBytes + 1: it is longer than kFirstBytes.
  std::size_t length(std::size_t i) const { return lengths_[i]; }
  // Little endian; bytes behind the end are 0.
  std::uint64_t first(std::size_t i) const { return first_[i]; }
  // The bytes behind the first ones. Valid until the column is changed or destroyed.
  std::string_view rest(std::size_t i) const {
    if (lengths_[i] != kLong) return {};
    const auto begin = i == 0 ? 0 : rest_ends_[i - 1];
    return std::string_view(rest_).substr(begin, rest_ends_[i] - begin);
  }
  std::string At(std::size_t i) const;

 private:
  static constexpr std::uint8_t kLong = kFirstBytes + 1;
  static constexpr std::uint8_t kNone = 0xff;

  std::vector<std::uint64_t> first_;
  std::vector<std::uint8_t> lengths_;
  std::string rest_;
  std::vector<std::size_t> rest_ends_;  // empty: none is longer than kFirstBytes
};

// What files say of one column. A file that says nothing of it may have everything.
struct ColumnBounds {
  static constexpr std::uint8_t kMayHaveNulls = 1;
  static constexpr std::uint8_t kMayHaveValues = 2;  // that are not NULL
  static constexpr std::uint8_t kMayHaveNaN = 4;
  static constexpr std::uint8_t kMayHaveAll = 7;

  std::vector<std::uint8_t> facts;
  ByteColumn lower;
  ByteColumn upper;
};

// The statistics and partition values of the files of one chunk, by column. Costs about 19 bytes a
// file and column, and what text has behind its eighth byte.
//
// Threads: immutable.
class ChunkStatistics {
 public:
  explicit ChunkStatistics(const std::vector<DataFile>& files);
  // nullptr: no file says anything of the column.
  const ColumnBounds* Find(int column_id) const;
  // Of all the files; nullopt: they differ in it, or there are none.
  std::optional<int> spec_id() const { return spec_id_; }
  // The values of a partition field of that spec. nullptr: every file has NULL.
  const ByteColumn* FindPartition(int field_id) const;

 private:
  void AddPartitions(const std::vector<DataFile>& files);

  std::map<int, ColumnBounds> columns_;
  std::optional<int> spec_id_;
  std::map<int, ByteColumn> partitions_;
};

}  // namespace st::lake
