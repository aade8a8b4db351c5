#include "lake/chunk_statistics.h"

#include <algorithm>
#include <cstring>

namespace st::lake {

namespace {

std::uint8_t FactsOf(const DataFile::ColumnStats& stats) {
  const bool has_nulls_alone = stats.value_count >= 0 && stats.null_count == stats.value_count;
  std::uint8_t facts = 0;
  if (stats.null_count != 0) facts |= ColumnBounds::kMayHaveNulls;
  if (!has_nulls_alone) facts |= ColumnBounds::kMayHaveValues;
  if (stats.nan_count != 0) facts |= ColumnBounds::kMayHaveNaN;
  return facts;
}

void AddUnknown(std::size_t until, std::size_t files, ColumnBounds& column) {
  if (column.facts.empty()) {
    column.facts.reserve(files);
    column.lower.Reserve(files);
    column.upper.Reserve(files);
  }
  while (column.facts.size() < until) {
    column.facts.push_back(ColumnBounds::kMayHaveAll);
    column.lower.Add(std::nullopt);
    column.upper.Add(std::nullopt);
  }
}

}  // namespace

void ByteColumn::Reserve(std::size_t files) {
  first_.reserve(files);
  lengths_.reserve(files);
}

void ByteColumn::Add(std::optional<std::string_view> bytes) {
  std::uint64_t first = 0;
  if (bytes) std::memcpy(&first, bytes->data(), std::min(bytes->size(), kFirstBytes));
  const bool is_long = bytes && bytes->size() > kFirstBytes;
  if (is_long && rest_ends_.empty()) {
    rest_ends_.reserve(lengths_.capacity());
    rest_ends_.resize(lengths_.size());
  }
  first_.push_back(first);
  lengths_.push_back(!bytes ? kNone : is_long ? kLong : static_cast<std::uint8_t>(bytes->size()));
  if (is_long) rest_ += bytes->substr(kFirstBytes);
  if (is_long || !rest_ends_.empty()) rest_ends_.push_back(rest_.size());
}

std::string ByteColumn::At(std::size_t i) const {
  std::string bytes(std::min(length(i), kFirstBytes), '\0');
  std::memcpy(bytes.data(), &first_[i], bytes.size());
  bytes += rest(i);
  return bytes;
}

ChunkStatistics::ChunkStatistics(const std::vector<DataFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    // Files of one chunk mostly have the same columns.
    auto at = columns_.begin();
    for (const auto& [id, stats] : files[i].columns) {
      at = columns_.try_emplace(at, id);
      auto& column = at->second;
      AddUnknown(i, files.size(), column);
      column.facts.push_back(FactsOf(stats));
      column.lower.Add(stats.lower);
      column.upper.Add(stats.upper);
      ++at;
    }
  }
  for (auto& [id, column] : columns_) AddUnknown(files.size(), files.size(), column);
  const bool has_one_spec = std::ranges::all_of(
      files, [&](const DataFile& file) { return file.spec_id == files.front().spec_id; });
  if (files.empty() || !has_one_spec) return;
  spec_id_ = files.front().spec_id;
  AddPartitions(files);
}

void ChunkStatistics::AddPartitions(const std::vector<DataFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const auto& [id, value] : files[i].partition) {
      auto& values = partitions_[id];
      if (values.size() == 0) values.Reserve(files.size());
      while (values.size() < i) values.Add(std::nullopt);
      values.Add(value);
    }
  }
  for (auto& [id, values] : partitions_) {
    while (values.size() < files.size()) values.Add(std::nullopt);
  }
}

const ColumnBounds* ChunkStatistics::Find(int column_id) const {
  const auto found = columns_.find(column_id);
  return found == columns_.end() ? nullptr : &found->second;
}

const ByteColumn* ChunkStatistics::FindPartition(int field_id) const {
  const auto found = partitions_.find(field_id);
  return found == partitions_.end() ? nullptr : &found->second;
}

}  // namespace st::lake
