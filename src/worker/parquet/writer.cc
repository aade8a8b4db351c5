#include "worker/parquet/writer.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "worker/parquet/stats.h"

namespace st::worker::parquet {
namespace {

bool HasFloatingPoint(const sql::Type& type) {
  return type.id == sql::TypeId::kFloat || type.id == sql::TypeId::kDouble ||
         std::ranges::any_of(type.children, HasFloatingPoint);
}

std::string CopySql(const Output& output, bool has_floating_point) {
  std::vector<std::string> ids;
  for (const auto& [name, id] : output.field_ids) {
    ids.push_back(fmt::format("{}: {}", sql::QuoteName(name), id));
  }
  const std::string field_ids =
      ids.empty() ? "" : fmt::format(", FIELD_IDS {{{}}}", fmt::join(ids, ", "));
  // A dictionary of DuckDB holds 0.0 and -0.0 as one value, which would give all zeros of a file
  // the sign of the first.
  const std::string_view no_dictionary = has_floating_point ? ", DICTIONARY_SIZE_LIMIT 0" : "";
  // A comment may end the SELECT, so the rest begins on a new line.
  return fmt::format(
      "COPY ({}\n) TO {} (FORMAT parquet, COMPRESSION zstd, WRITE_EMPTY_FILE {}, "
      "RETURN_STATS{}{})",
      output.select, sql::QuoteText(output.path), output.may_be_empty, no_dictionary, field_ids);
}

}  // namespace

Result<sql::Statement> PrepareSelect(sql::Connection& connection, const std::string& sql) {
  ST_TRY(auto statement, connection.Prepare(sql));
  if (!statement.is_select()) {
    return Fail(ErrorCode::kInvalidArgument, "a transform is one SELECT: {}", sql);
  }
  return statement;
}

Result<std::optional<WrittenFile>> Write(sql::Connection& connection, os::FileSystem& fs,
                                         const Output& output) {
  if (output.path.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "the job names no file to write");
  }
  // The SELECT is prepared alone first, so that no text can close the brackets of COPY.
  std::vector<std::string> floating;
  {
    ST_TRY(const auto statement, PrepareSelect(connection, output.select));
    for (const auto& column : statement.columns()) {
      if (HasFloatingPoint(column.type)) floating.push_back(column.name);
    }
  }
  std::optional<WrittenFile> file;
  {
    ST_TRY(auto statement, connection.Prepare(CopySql(output, !floating.empty())));
    ST_TRY(auto rows, statement.Execute());
    ST_TRY(file, StatsFrom(rows));
  }
  if (!file) return file;
  WidenZeroBounds(floating, *file);
  ST_TRY(const auto written, fs.Open(output.path, os::OpenMode::kReadWrite));
  ST_TRY_STATUS(written->Sync());
  ST_TRY_STATUS(fs.SyncDir(os::DirName(output.path)));
  return file;
}

}  // namespace st::worker::parquet
