#include "worker/parquet/footer.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/coding.h"
#include "worker/parquet/limits.h"

namespace st::worker::parquet {
namespace {

using Type = ThriftValue::Type;

constexpr std::string_view kMagic = "PAR1";
constexpr std::size_t kTailBytes = 8;  // the footer's length, and the magic again
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

// Field numbers of parquet.thrift.
namespace file_field {
constexpr std::int16_t kRows = 3;
constexpr std::int16_t kRowGroups = 4;
constexpr std::int16_t kEncryption = 8;
}  // namespace file_field
namespace group_field {
constexpr std::int16_t kColumns = 1;
constexpr std::int16_t kRows = 3;
constexpr std::int16_t kOffset = 5;
constexpr std::int16_t kOrdinal = 7;
}  // namespace group_field
namespace column_field {
constexpr std::int16_t kPath = 1;
constexpr std::int16_t kOffset = 2;
constexpr std::int16_t kMetadata = 3;
constexpr std::int16_t kFirstIndex = 4;  // of pages: offset and length of two indexes
constexpr std::int16_t kLastIndex = 7;
constexpr std::int16_t kEncryption = 8;
constexpr std::int16_t kEncryptedMetadata = 9;
}  // namespace column_field
namespace metadata_field {
constexpr std::int16_t kBytes = 7;
constexpr std::int16_t kDataPage = 9;
constexpr std::int16_t kIndexPage = 10;
constexpr std::int16_t kDictionaryPage = 11;
constexpr std::int16_t kFilterOffset = 14;
constexpr std::int16_t kFilterBytes = 15;
}  // namespace metadata_field

Result<ThriftValue*> ItemOf(ThriftValue& value, std::int16_t field, Type type) {
  auto* item = value.Find(field);
  if (item != nullptr && item->type == type) return item;
  return Fail(ErrorCode::kCorruption, "a Parquet footer lacks its field {}", field);
}

Result<std::string> ReadBytes(os::File& file, std::uint64_t at, std::size_t size) {
  std::string bytes(size, '\0');
  ST_TRY(const auto read, file.ReadAt(at, std::span(bytes)));
  if (read == size) return bytes;
  return Fail(ErrorCode::kCorruption, "a Parquet file ends before byte {}", at + size);
}

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Where the pages of a column lie; a dictionary is the first of them.
Result<Extent> ExtentOf(const ThriftValue& column) {
  const bool is_plain = column.Find(column_field::kPath) == nullptr &&
                        column.Find(column_field::kEncryption) == nullptr &&
                        column.Find(column_field::kEncryptedMetadata) == nullptr;
  const auto* metadata = column.Find(column_field::kMetadata);
  if (!is_plain || metadata == nullptr) {
    return Fail(ErrorCode::kUnsupported, "a Parquet file has columns elsewhere, or encrypted");
  }
  ST_TRY(auto begin, metadata->NumberAt(metadata_field::kDataPage));
  const auto dictionary = metadata->NumberAt(metadata_field::kDictionaryPage);
  if (dictionary && *dictionary > 0) begin = std::min(begin, *dictionary);
  ST_TRY(const auto bytes, metadata->NumberAt(metadata_field::kBytes));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max() / 2;
  if (begin < std::ssize(kMagic) || begin > kMost || bytes < 0 || bytes > kMost) {
    return Fail(ErrorCode::kCorruption, "a Parquet column lies at byte {} and has {} bytes", begin,
                bytes);
  }
  return Extent{.begin = static_cast<std::uint64_t>(begin),
                .end = static_cast<std::uint64_t>(begin + bytes)};
}

Result<RowGroup> RowGroupFrom(ThriftValue value, std::uint64_t limit) {
  RowGroup group;
  ST_TRY(group.rows, value.NumberAt(group_field::kRows));
  ST_TRY(auto* columns, ItemOf(value, group_field::kColumns, Type::kList));
  std::vector<Extent> extents;
  for (const auto& column : columns->items) {
    ST_TRY(const auto extent, ExtentOf(column));
    extents.push_back(extent);
  }
  std::ranges::sort(extents, {}, &Extent::begin);
  const bool has_gap = std::ranges::adjacent_find(extents, [](const auto& a, const auto& b) {
                         return a.end != b.begin;
                       }) != extents.end();
  if (extents.empty() || has_gap) {
    return Fail(ErrorCode::kUnsupported, "the pages of a Parquet row group lie apart");
  }
  group.begin = extents.front().begin;
  group.end = extents.back().end;
  if (group.end > limit) {
    return Fail(ErrorCode::kCorruption, "a Parquet row group ends at byte {} of {}", group.end,
                limit);
  }
  group.value = std::move(value);
  return group;
}

// Moves the position in a field, where there is one.
void Move(ThriftValue& value, std::int16_t field, std::int64_t by) {
  auto* position = value.Find(field);
  if (position != nullptr && position->number > 0) position->number += by;
}

void MoveColumn(ThriftValue& column, std::int64_t by) {
  Move(column, column_field::kOffset, by);
  // Indexes of pages are not copied.
  for (auto field = column_field::kFirstIndex; field <= column_field::kLastIndex; ++field) {
    column.Erase(field);
  }
  auto& metadata = *column.Find(column_field::kMetadata);
  for (const auto field :
       {metadata_field::kDataPage, metadata_field::kIndexPage, metadata_field::kDictionaryPage}) {
    Move(metadata, field, by);
  }
}

ThriftValue Number(Type type, std::int64_t number) { return {.type = type, .number = number}; }

void Insert(ThriftValue& value, std::int16_t field, ThriftValue item) {
  const auto at = std::ranges::upper_bound(value.fields, field) - value.fields.begin();
  value.fields.insert(value.fields.begin() + at, field);
  value.items.insert(value.items.begin() + at, std::move(item));
}

}  // namespace

Result<Footer> ReadFooter(os::File& file) {
  ST_TRY(const auto size, file.Size());
  if (size < kMagic.size() + kTailBytes) {
    return Fail(ErrorCode::kCorruption, "{} bytes are no Parquet file", size);
  }
  ST_TRY(const auto tail, ReadBytes(file, size - kTailBytes, kTailBytes));
  const auto bytes = LoadLittle<std::uint32_t>(tail);
  const auto most = std::min(size - kTailBytes - kMagic.size(), kMaxFooterBytes);
  if (!tail.ends_with(kMagic) || bytes > most) {
    return Fail(ErrorCode::kCorruption, "a Parquet file of {} bytes has no footer at its end",
                size);
  }
  const auto begin = size - kTailBytes - bytes;
  ST_TRY(const auto text, ReadBytes(file, begin, bytes));
  Footer footer;
  ST_TRY(footer.file, ParseThrift(text));
  if (footer.file.Find(file_field::kEncryption) != nullptr) {
    return Fail(ErrorCode::kUnsupported, "a Parquet file is encrypted");
  }
  ST_TRY(footer.rows, footer.file.NumberAt(file_field::kRows));
  ST_TRY(auto* groups, ItemOf(footer.file, file_field::kRowGroups, Type::kList));
  std::int64_t rows = 0;
  for (auto& group : groups->items) {
    ST_TRY(auto one, RowGroupFrom(std::move(group), begin));
    rows += one.rows;
    footer.row_groups.push_back(std::move(one));
  }
  if (rows != footer.rows) {
    return Fail(ErrorCode::kCorruption, "a Parquet file has {} rows in row groups, {} in all", rows,
                footer.rows);
  }
  footer.file.Erase(file_field::kRows);
  footer.file.Erase(file_field::kRowGroups);
  return footer;
}

Status RowGroupWriter::Append(std::string_view bytes) {
  ST_TRY_STATUS(to_.WriteAt(size_, bytes));
  size_ += bytes.size();
  return {};
}

Status RowGroupWriter::CopyBytes(os::File& from, std::uint64_t begin, std::uint64_t end) {
  buffer_.resize(kCopyBytes);
  while (begin < end) {
    const auto part = std::span(buffer_).first(std::min<std::uint64_t>(end - begin, kCopyBytes));
    ST_TRY(const auto read, from.ReadAt(begin, part));
    if (read != part.size()) {
      return Fail(ErrorCode::kCorruption, "a Parquet file ends before byte {}", end);
    }
    ST_TRY_STATUS(Append({part.data(), part.size()}));
    begin += read;
  }
  return {};
}

// A filter without its length cannot be copied; readers do without it.
Status RowGroupWriter::KeepFilter(os::File& from, ThriftValue& column) {
  auto& metadata = *column.Find(column_field::kMetadata);
  const auto offset = metadata.NumberAt(metadata_field::kFilterOffset);
  const auto bytes = metadata.NumberAt(metadata_field::kFilterBytes);
  const bool is_good = offset && *offset > 0 && bytes && *bytes > 0 &&
                       *bytes <= static_cast<std::int64_t>(kMaxFooterBytes);
  if (!is_good) {
    metadata.Erase(metadata_field::kFilterOffset);
    metadata.Erase(metadata_field::kFilterBytes);
    return {};
  }
  ST_TRY(auto filter,
         ReadBytes(from, static_cast<std::uint64_t>(*offset), static_cast<std::size_t>(*bytes)));
  filters_.push_back({.group = groups_.items.size(), .bytes = std::move(filter)});
  return {};
}

Status RowGroupWriter::Copy(os::File& from, const RowGroup& group) {
  if (size_ == 0) ST_TRY_STATUS(Append(kMagic));
  const auto by = static_cast<std::int64_t>(size_) - static_cast<std::int64_t>(group.begin);
  ST_TRY_STATUS(CopyBytes(from, group.begin, group.end));
  auto value = group.value;
  Move(value, group_field::kOffset, by);
  if (auto* ordinal = value.Find(group_field::kOrdinal))
    ordinal->number = std::ssize(groups_.items);
  auto& columns = value.Find(group_field::kColumns)->items;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    MoveColumn(columns[i], by);
    const auto filters = filters_.size();
    ST_TRY_STATUS(KeepFilter(from, columns[i]));
    if (filters_.size() > filters) filters_.back().column = i;
  }
  groups_.items.push_back(std::move(value));
  rows_ += group.rows;
  return {};
}

Result<std::int64_t> RowGroupWriter::Finish(const ThriftValue& file) {
  if (size_ == 0) ST_TRY_STATUS(Append(kMagic));
  for (const auto& filter : filters_) {
    auto& columns = groups_.items[filter.group].Find(group_field::kColumns)->items;
    auto& metadata = *columns[filter.column].Find(column_field::kMetadata);
    metadata.Find(metadata_field::kFilterOffset)->number = static_cast<std::int64_t>(size_);
    ST_TRY_STATUS(Append(filter.bytes));
  }
  auto whole = file;
  Insert(whole, file_field::kRows, Number(Type::kI64, rows_));
  Insert(whole, file_field::kRowGroups, std::move(groups_));
  auto end = ThriftBytes(whole);
  AppendLittle(end, static_cast<std::uint32_t>(end.size()));
  end += kMagic;
  ST_TRY_STATUS(Append(end));
  return static_cast<std::int64_t>(size_);
}

}  // namespace st::worker::parquet
