#include "worker/rewrite/row_group_copy.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "worker/parquet/footer.h"
#include "worker/parquet/stats.h"
#include "worker/parquet/table_files.h"
#include "worker/parquet/writer.h"
#include "worker/rewrite/parts.h"

namespace st::worker::rewrite {
namespace {

using parquet::Footer;

class Copier {
 public:
  Copier(const CopyContext& context, const jobs::RewriteJob& job) : context_(context), job_(job) {}

  Result<std::optional<WrittenFile>> Run();

 private:
  // false: some footer is not understood, or no file has row groups that are large enough.
  bool ReadFooters();
  // The parts of the rewrite; empty: nothing is copied.
  Result<std::vector<Part>> Plan();
  // Writes rows of a SELECT to the scratch file, and opens it.
  Result<std::unique_ptr<os::File>> WriteScratch(const std::string& select, bool may_be_empty);
  Status RemoveScratch() { return context_.fs.Remove(job_.scratch_path); }
  Status CopyPart(const Part& part, parquet::RowGroupWriter& writer);
  Status RewritePart(const Part& part, parquet::RowGroupWriter& writer);
  Status CopyGroups(os::File& from, const Footer& footer, parquet::RowGroupWriter& writer);
  Result<WrittenFile> Write(const std::vector<Part>& parts);

  const CopyContext& context_;
  const jobs::RewriteJob& job_;
  std::vector<Footer> footers_;  // of the inputs
  Footer now_;                   // of a file that would be written now
};

bool Copier::ReadFooters() {
  for (const auto& input : job_.inputs) {
    const auto file = context_.fs.Open(input, os::OpenMode::kRead);
    auto footer = file ? parquet::ReadFooter(**file) : std::unexpected(file.error());
    if (!footer) return false;  // DuckDB reads it, or says what is wrong
    footers_.push_back(*std::move(footer));
  }
  return std::ranges::any_of(footers_, [](const Footer& footer) {
    return footer.rows >= std::max<std::int64_t>(std::ssize(footer.row_groups), 1) * kMinCopiedRows;
  });
}

Result<std::unique_ptr<os::File>> Copier::WriteScratch(const std::string& select,
                                                       bool may_be_empty) {
  ST_TRY(const auto written, parquet::Write(context_.connection, context_.fs,
                                            {.select = select,
                                             .path = job_.scratch_path,
                                             .columns = job_.columns,
                                             .may_be_empty = may_be_empty,
                                             .syncs_folder = false}));
  if (!written) return Fail(ErrorCode::kInvalidArgument, "files with rows gave none");
  return context_.fs.Open(job_.scratch_path, os::OpenMode::kRead);
}

Result<std::vector<Part>> Copier::Plan() {
  {
    ST_TRY(const auto file, WriteScratch(parquet::SelectOfFiles(job_.columns, {}), true));
    ST_TRY(now_, parquet::ReadFooter(*file));
  }
  ST_TRY_STATUS(RemoveScratch());
  std::vector<InputFile> files;
  for (const auto& footer : footers_) {
    files.push_back({.rows = footer.rows,
                     .row_groups = std::ssize(footer.row_groups),
                     .is_alike = footer.file == now_.file});
  }
  auto parts = PartsOf(files);
  if (std::ranges::none_of(parts, &Part::is_copied)) parts.clear();
  return parts;
}

Status Copier::CopyGroups(os::File& from, const Footer& footer, parquet::RowGroupWriter& writer) {
  for (const auto& group : footer.row_groups) {
    ST_TRY_STATUS(context_.control.Check());
    ST_TRY_STATUS(writer.Copy(from, group));
  }
  return {};
}

Status Copier::CopyPart(const Part& part, parquet::RowGroupWriter& writer) {
  for (auto i = part.first; i < part.end; ++i) {
    ST_TRY(const auto from, context_.fs.Open(job_.inputs[i], os::OpenMode::kRead));
    ST_TRY_STATUS(CopyGroups(*from, footers_[i], writer));
  }
  return {};
}

Status Copier::RewritePart(const Part& part, parquet::RowGroupWriter& writer) {
  const auto inputs = std::span(job_.inputs).subspan(part.first, part.end - part.first);
  {
    ST_TRY(
        const auto from,
        WriteScratch(parquet::SelectOfFiles(job_.columns, {inputs.begin(), inputs.end()}), false));
    ST_TRY(const auto footer, parquet::ReadFooter(*from));
    if (footer.file != now_.file) {
      return Fail(ErrorCode::kIo, "DuckDB wrote two schemas for the same columns");
    }
    ST_TRY_STATUS(CopyGroups(*from, footer, writer));
  }
  return RemoveScratch();
}

Result<WrittenFile> Copier::Write(const std::vector<Part>& parts) {
  ST_TRY(const auto output, context_.fs.Open(job_.output_path, os::OpenMode::kCreateNew));
  parquet::RowGroupWriter writer(*output);
  for (const auto& part : parts) {
    ST_TRY_STATUS(part.is_copied ? CopyPart(part, writer) : RewritePart(part, writer));
  }
  WrittenFile written{.location = job_.output_path};
  ST_TRY(written.bytes, writer.Finish(now_.file));
  written.rows = writer.rows();
  ST_TRY_STATUS(output->Sync());
  ST_TRY_STATUS(context_.fs.SyncDir(os::DirName(job_.output_path)));
  // DuckDB reads the footer: a mistake in it does not get into the table.
  ST_TRY_STATUS(parquet::AddFileFacts(context_.connection, {}, {}, written));
  return written;
}

Result<std::optional<WrittenFile>> Copier::Run() {
  if (!ReadFooters()) return std::nullopt;
  ST_TRY(const auto parts, Plan());
  if (parts.empty()) return std::nullopt;
  ST_TRY(auto written, Write(parts));
  return written;
}

}  // namespace

Result<std::optional<WrittenFile>> CopyRowGroups(const CopyContext& context,
                                                 const jobs::RewriteJob& job) {
  return Copier(context, job).Run();
}

}  // namespace st::worker::rewrite
