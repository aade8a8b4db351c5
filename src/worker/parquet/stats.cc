#include "worker/parquet/stats.h"

#include <utility>

#include "base/text.h"

namespace st::worker::parquet {
namespace {

// Column numbers of RETURN_STATS: filename, count, file_size_bytes, footer_size_bytes,
// column_statistics, partition_keys.
constexpr std::uint64_t kFileName = 0;
constexpr std::uint64_t kCount = 1;
constexpr std::uint64_t kBytes = 2;
constexpr std::uint64_t kColumns = 4;

void Apply(std::string_view name, std::string_view text, WrittenFile::Column& column) {
  const auto number = [&] { return ParseInt64(text).value_or(-1); };
  if (name == "column_size_bytes") column.size_bytes = number();
  if (name == "num_values") column.value_count = number();
  if (name == "null_count") column.null_count = number();
  if (name == "min") column.min = text;
  if (name == "max") column.max = text;
  if (name == "has_nan") column.has_nan = text == "true";
}

}  // namespace

std::optional<std::string> ColumnOf(std::string_view key) {
  if (!key.starts_with('"')) {
    if (key.find('.') != std::string_view::npos) return std::nullopt;
    return std::string(key);
  }
  std::string name;
  for (std::size_t i = 1; i < key.size(); ++i) {
    if (key[i] != '"') {
      name.push_back(key[i]);
    } else if (i + 1 < key.size() && key[i + 1] == '"') {
      name.push_back(key[++i]);
    } else if (i + 1 == key.size()) {
      return name;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Result<std::optional<WrittenFile>> StatsFrom(sql::Rows& rows) {
  if (rows.columns().size() <= kColumns || rows.columns()[kColumns].type.id != sql::TypeId::kMap) {
    return Fail(ErrorCode::kIo, "DuckDB's COPY returned other columns than file statistics");
  }
  ST_TRY(const auto chunk, rows.Next());
  if (!chunk) return std::nullopt;
  WrittenFile stats;
  stats.location = chunk->Column(kFileName).StringAt(0);
  stats.rows = static_cast<std::int64_t>(chunk->Column(kCount).At<std::uint64_t>(0));
  stats.bytes = static_cast<std::int64_t>(chunk->Column(kBytes).At<std::uint64_t>(0));
  const auto columns = chunk->Column(kColumns);
  const auto range = columns.ListAt(0);
  const auto names = columns.Elements().Member(0);
  const auto values = columns.Elements().Member(1);
  for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
    const auto name = ColumnOf(names.StringAt(i));
    if (!name) continue;
    auto& column = stats.columns[*name];
    const auto facts = values.ListAt(i);
    for (std::uint64_t j = facts.offset; j < facts.offset + facts.length; ++j) {
      const auto fact = values.Elements().Member(1);
      if (fact.IsNull(j)) continue;
      Apply(values.Elements().Member(0).StringAt(j), fact.StringAt(j), column);
    }
  }
  return stats;
}

void WidenZeroBounds(const std::vector<std::string>& columns, WrittenFile& stats) {
  for (const auto& name : columns) {
    const auto column = stats.columns.find(name);
    if (column == stats.columns.end()) continue;
    if (column->second.min == "0.0") column->second.min = "-0.0";
    if (column->second.max == "-0.0") column->second.max = "0.0";
  }
}

}  // namespace st::worker::parquet
