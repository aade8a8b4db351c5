#include "worker/parquet/stats.h"

#include <utility>

#include "base/text.h"
#include "worker/parquet/struct_names.h"

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

// The first column of the rows, which are BIGINT.
Result<std::vector<std::int64_t>> Numbers(sql::Connection& connection, const std::string& sql) {
  std::vector<std::int64_t> numbers;
  ST_TRY(auto statement, connection.Prepare(sql));
  ST_TRY(auto rows, statement.Execute());
  while (true) {
    ST_TRY(const auto chunk, rows.Next());
    if (!chunk) return numbers;
    for (std::uint64_t i = 0; i < chunk->rows(); ++i) {
      numbers.push_back(chunk->Column(0).At<std::int64_t>(i));
    }
  }
}

// A row group begins with the first page of its first column, which may be its dictionary.
std::string RowGroupsSql(const std::string& path) {
  return fmt::format(
      "SELECT least(coalesce(nullif(dictionary_page_offset, 0), data_page_offset), "
      "data_page_offset)::BIGINT FROM parquet_metadata({}) WHERE column_id = 0 "
      "ORDER BY row_group_id",
      sql::QuoteText(path));
}

std::string NanCountSql(const std::string& path, const std::string& column) {
  return fmt::format("SELECT count_if(isnan({}))::BIGINT FROM read_parquet({})",
                     sql::QuoteName(column), sql::QuoteText(path));
}

void AddIds(const NestedType& type, int id, ColumnPath& path, std::map<ColumnPath, int>& ids) {
  if (type.shape == TypeShape::kPrimitive) {
    ids[path] = id;
    return;
  }
  for (const auto& field : type.fields) {
    path.push_back(field.file_name.empty() ? field.name : field.file_name);
    AddIds(field.type, field.id, path, ids);
    path.pop_back();
  }
}

void AddFloating(const sql::Type& type, ColumnPath& path, std::vector<ColumnPath>& paths) {
  if (type.id == sql::TypeId::kFloat || type.id == sql::TypeId::kDouble) paths.push_back(path);
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    const bool is_map = type.id == sql::TypeId::kMap;
    const bool is_list = type.id == sql::TypeId::kList || type.id == sql::TypeId::kArray;
    const std::string part = is_map ? (i == 0 ? "key" : "value") : "element";
    path.push_back(is_map || is_list ? part : type.names.at(i));
    AddFloating(type.children[i], path, paths);
    path.pop_back();
  }
}

// Takes a name in quotes, or one that ends before a point, off the front of the key.
std::optional<std::string> TakeName(std::string_view& key) {
  if (!key.starts_with('"')) {
    std::string name(key.substr(0, key.find('.')));
    key.remove_prefix(name.size());
    return name;
  }
  std::string name;
  for (std::size_t i = 1; i < key.size(); ++i) {
    if (key[i] == '"') {
      if (i + 1 >= key.size() || key[i + 1] != '"') {
        key.remove_prefix(i + 1);
        return name;
      }
      ++i;
    }
    name.push_back(key[i]);
  }
  return std::nullopt;
}

}  // namespace

std::map<ColumnPath, int> IdsOfPaths(const std::vector<jobs::TableColumn>& columns) {
  std::map<ColumnPath, int> ids;
  for (const auto& column : columns) {
    ColumnPath path = {column.name};
    AddIds(TypeOf(column), column.id, path, ids);
  }
  return ids;
}

std::optional<ColumnPath> PathOf(std::string_view key) {
  ColumnPath path;
  while (true) {
    auto name = TakeName(key);
    if (!name) return std::nullopt;
    path.push_back(std::move(*name));
    if (key.empty()) return path;
    if (!key.starts_with('.')) return std::nullopt;
    key.remove_prefix(1);
  }
}

std::vector<ColumnPath> FloatingPaths(const sql::Statement& statement) {
  std::vector<ColumnPath> paths;
  for (const auto& column : statement.columns()) {
    ColumnPath path = {column.name};
    AddFloating(column.type, path, paths);
  }
  return paths;
}

Result<std::optional<WrittenFile>> StatsFrom(sql::Rows& rows,
                                             const std::map<ColumnPath, int>& ids) {
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
    const auto path = PathOf(names.StringAt(i));
    const auto id = path ? ids.find(*path) : ids.end();
    if (id == ids.end()) continue;
    auto& column = stats.columns[id->second];
    const auto facts = values.ListAt(i);
    for (std::uint64_t j = facts.offset; j < facts.offset + facts.length; ++j) {
      const auto fact = values.Elements().Member(1);
      if (fact.IsNull(j)) continue;
      Apply(values.Elements().Member(0).StringAt(j), fact.StringAt(j), column);
    }
  }
  return stats;
}

Status AddFileFacts(sql::Connection& connection, const std::vector<ColumnPath>& floating,
                    const std::map<ColumnPath, int>& ids, WrittenFile& file) {
  ST_TRY(const auto offsets, Numbers(connection, RowGroupsSql(file.location)));
  file.row_group_offsets = offsets;
  for (const auto& path : floating) {
    const auto id = ids.find(path);
    const auto column = id == ids.end() ? file.columns.end() : file.columns.find(id->second);
    if (column == file.columns.end()) continue;
    if (!column->second.has_nan) {
      column->second.nan_count = 0;
    } else if (path.size() == 1) {
      ST_TRY(const auto count, Numbers(connection, NanCountSql(file.location, path.front())));
      column->second.nan_count = count.empty() ? -1 : count.front();
    }
  }
  return {};
}

void WidenZeroBounds(const std::vector<ColumnPath>& paths, const std::map<ColumnPath, int>& ids,
                     WrittenFile& stats) {
  for (const auto& path : paths) {
    const auto id = ids.find(path);
    const auto column = id == ids.end() ? stats.columns.end() : stats.columns.find(id->second);
    if (column == stats.columns.end()) continue;
    if (column->second.min == "0.0") column->second.min = "-0.0";
    if (column->second.max == "-0.0") column->second.max = "0.0";
  }
}

}  // namespace st::worker::parquet
