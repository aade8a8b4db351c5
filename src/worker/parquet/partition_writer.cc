#include "worker/parquet/partition_writer.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "jobs/output_path.h"

namespace st::worker::parquet {
namespace {

constexpr std::string_view kRows = "st_rows";   // the table of the rows
constexpr std::size_t kScannedPartitions = 16;  // each by a scan of all rows

// The rows of a SELECT in a table of the connection, with the number of each row's partition.
class RowTable {
 public:
  RowTable(sql::Connection& connection, const TableLayout& layout)
      : connection_(connection), layout_(layout) {}
  ~RowTable() {
    Ignore(connection_.Run(fmt::format("DROP TABLE IF EXISTS {}", kRows)),
           "it goes with the connection");
  }
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  Status Fill(const std::string& select) {
    ST_TRY_STATUS(ReadColumns(select));
    std::vector<std::string> keys;
    for (const auto& field : layout_.partition) keys.push_back(sql::QuoteName(field.column));
    const auto number =
        keys.empty() ? "0" : fmt::format("{}({})", kPartitionFunction, fmt::join(keys, ", "));
    // A comment may end the SELECT, so the bracket stands on a new line.
    return connection_.Run(fmt::format("CREATE TEMP TABLE {} AS SELECT *, {} AS {} FROM ({}\n)",
                                       kRows, number, sql::QuoteName(number_), select));
  }
  // Puts the rows of each partition side by side, where so many are read one after the other that
  // it is worth the memory of a second table.
  Status Gather(std::size_t partitions) {
    if (partitions <= kScannedPartitions) return {};
    const std::string order = has_rowid_ ? "" : ", rowid";
    return connection_.Run(
        fmt::format("CREATE TEMP TABLE {0}_gathered AS SELECT * FROM {0} ORDER BY {1}{2};"
                    "DROP TABLE {0}; ALTER TABLE {0}_gathered RENAME TO {0}",
                    kRows, sql::QuoteName(number_), order));
  }
  std::string SelectOf(std::size_t number) const {
    std::string order = OrderBySql(layout_.sort);
    // A column of this name would hide the place of a row.
    if (!order.empty() && !has_rowid_) order += ", rowid";
    return fmt::format("SELECT {} FROM {} WHERE {} = {}{}", fmt::join(names_, ", "), kRows,
                       sql::QuoteName(number_), number, order);
  }
  // Of the fields of the partition.
  const std::vector<ColumnType>& types() const { return types_; }

 private:
  Status ReadColumns(const std::string& select) {
    ST_TRY(const auto statement, PrepareSelect(connection_, select));
    for (const auto& column : statement.columns()) {
      names_.push_back(sql::QuoteName(column.name));
      has_rowid_ = has_rowid_ || EqualsIgnoreCase(column.name, "rowid");
      if (AsciiLower(column.name).starts_with(number_)) number_ = AsciiLower(column.name) + "_";
    }
    for (const auto& field : layout_.partition) {
      for (const auto& column : statement.columns()) {
        if (column.name != field.column) continue;
        const auto type = ColumnTypeFromDuckDb(column.type.ToString()).value_or(ColumnType());
        ST_TRY(auto result, ResultTypeOf(field.transform, type));
        types_.push_back(result);
      }
    }
    return {};
  }

  sql::Connection& connection_;
  const TableLayout& layout_;
  std::vector<std::string> names_;
  std::vector<ColumnType> types_;
  std::string number_ = "st_number";
  bool has_rowid_ = false;
};

bool IsBefore(const PartitionNumbers::Values& a, const PartitionNumbers::Values& b,
              const std::vector<ColumnType>& types) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (!a[i] || !b[i]) return !a[i];
    const int order = CompareValues(types[i], *a[i], *b[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

struct Partition {
  std::size_t number = 0;
  PartitionNumbers::Values values;
};

std::vector<Partition> InOrder(const PartitionNumbers& numbers,
                               const std::vector<ColumnType>& types) {
  std::vector<Partition> partitions;
  if (numbers.transforms().empty()) return {Partition()};
  for (auto& values : numbers.all()) {
    partitions.push_back({.number = partitions.size(), .values = std::move(values)});
  }
  std::ranges::sort(partitions, [&](const Partition& a, const Partition& b) {
    return IsBefore(a.values, b.values, types);
  });
  return partitions;
}

}  // namespace

std::string OrderBySql(const std::vector<SortBy>& sort) {
  std::string sql;
  for (const auto& field : sort) {
    sql += fmt::format("{}{} {} NULLS {}", sql.empty() ? " ORDER BY " : ", ",
                       sql::QuoteName(field.column), field.is_descending ? "DESC" : "ASC",
                       field.has_nulls_last ? "LAST" : "FIRST");
  }
  return sql;
}

Result<std::vector<WrittenFile>> WritePartitions(sql::Connection& connection, os::FileSystem& fs,
                                                 const Output& output, const TableLayout& layout,
                                                 const PartitionNumbers& numbers) {
  RowTable rows(connection, layout);
  ST_TRY_STATUS(rows.Fill(output.select));
  ST_TRY_STATUS(rows.Gather(numbers.all().size()));
  std::vector<WrittenFile> files;
  for (auto& partition : InOrder(numbers, rows.types())) {
    Output one{.select = rows.SelectOf(partition.number),
               .path = jobs::OutputPath(output.path, files.size()),
               .columns = output.columns,
               .syncs_folder = false};
    ST_TRY(const bool exists, fs.Exists(one.path));
    if (exists)
      return Fail(ErrorCode::kAlreadyExists, "{} exists: files are written once", one.path);
    ST_TRY(auto file, Write(connection, fs, one));
    if (!file) continue;
    file->partition = std::move(partition.values);
    files.push_back(*std::move(file));
  }
  if (!files.empty()) ST_TRY_STATUS(fs.SyncDir(os::DirName(output.path)));
  return files;
}

}  // namespace st::worker::parquet
