#include "worker/parquet/writer.h"

#include <fmt/ranges.h>

#include "worker/parquet/stats.h"
#include "worker/parquet/struct_names.h"

namespace st::worker::parquet {
namespace {

// "1" for a column of its own values, {__duckdb_field_id: 2, "a": 3} for one with nested ones.
std::string FieldIds(const NestedType& type, int id) {
  if (type.shape == TypeShape::kPrimitive) return std::to_string(id);
  std::string ids = fmt::format("__duckdb_field_id: {}", id);
  for (const auto& field : type.fields) {
    const auto& name = field.file_name.empty() ? field.name : field.file_name;
    ids += fmt::format(", {}: {}", sql::QuoteName(name), FieldIds(field.type, field.id));
  }
  return fmt::format("{{{}}}", ids);
}

std::string CopySql(const Output& output, const std::string& select, bool has_floating_point) {
  std::vector<std::string> ids;
  for (const auto& column : output.columns) {
    ids.push_back(
        fmt::format("{}: {}", sql::QuoteName(column.name), FieldIds(TypeOf(column), column.id)));
  }
  const std::string field_ids =
      ids.empty() ? "" : fmt::format(", FIELD_IDS {{{}}}", fmt::join(ids, ", "));
  // A dictionary of DuckDB holds 0.0 and -0.0 as one value, which would give all zeros of a file
  // the sign of the first.
  const std::string_view no_dictionary = has_floating_point ? ", DICTIONARY_SIZE_LIMIT 0" : "";
  // A comment may end the SELECT, so the rest begins on a new line.
  return fmt::format(
      "COPY ({}\n) TO {} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
      "WRITE_EMPTY_FILE {}, RETURN_STATS{}{})",
      select, sql::QuoteText(output.path), output.may_be_empty, no_dictionary, field_ids);
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
  // The SELECT is prepared alone first, so that no text can close the brackets around it.
  const auto select = SelectForFile(output.select, output.columns);
  std::vector<ColumnPath> floating;
  {
    ST_TRY(const auto given, PrepareSelect(connection, output.select));
    ST_TRY(const auto statement, PrepareSelect(connection, select));
    floating = FloatingPaths(statement);
  }
  const auto ids = IdsOfPaths(output.columns);
  std::optional<WrittenFile> file;
  {
    ST_TRY(auto statement, connection.Prepare(CopySql(output, select, !floating.empty())));
    ST_TRY(auto rows, statement.Execute());
    ST_TRY(file, StatsFrom(rows, ids));
  }
  if (!file) return file;
  WidenZeroBounds(floating, ids, *file);
  ST_TRY_STATUS(AddFileFacts(connection, floating, ids, *file));
  ST_TRY(const auto written, fs.Open(output.path, os::OpenMode::kReadWrite));
  ST_TRY_STATUS(written->Sync());
  if (output.syncs_folder) ST_TRY_STATUS(fs.SyncDir(os::DirName(output.path)));
  return file;
}

}  // namespace st::worker::parquet
