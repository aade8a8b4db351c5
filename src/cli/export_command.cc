#include "cli/export_command.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "cli/interrupts.h"
#include "cli/new_file.h"
#include "cli/progress.h"
#include "cli/table_format.h"
#include "jobs/damaged_file.h"
#include "jobs/nested_json.h"
#include "jobs/worker_client.h"
#include "lake/checksum.h"
#include "lake/names.h"
#include "lake/read_view.h"
#include "os/clock.h"
#include "os/paths.h"
#include "os/process.h"

namespace st::cli {
namespace {

constexpr std::int64_t kExportTimeoutUs = 24LL * 3600 * 1'000'000;  // a table may be large
constexpr std::int64_t kMaxRows = 1LL << 60;                        // more than any table has

enum class FileFormat { kParquet, kCsv, kNdjson };

Result<FileFormat> FormatOf(const ExportOptions& options) {
  const auto is = [&](std::string_view format, std::string_view suffix) {
    return options.format.empty() ? AsciiLower(options.to).ends_with(suffix)
                                  : options.format == format;
  };
  if (is("csv", ".csv")) return FileFormat::kCsv;
  if (is("ndjson", ".ndjson") || is("ndjson", ".jsonl")) return FileFormat::kNdjson;
  if (!is("parquet", ".parquet")) {
    return Fail(ErrorCode::kInvalidArgument,
                "{} does not end in .parquet, .csv, .ndjson or .jsonl: add --format, such as "
                "--format csv",
                options.to);
  }
  if (options.to == "-") {
    return Fail(ErrorCode::kInvalidArgument,
                "parquet is written to a file, not to stdout: name one with --to");
  }
  return FileFormat::kParquet;
}

// What each way to export works on.
struct Source {
  const app::Config& config;
  FolderTables& tables;
  const lake::View& view;
  os::Clock& clock;
};

jobs::WorkerOptions WorkerFor(const Source& source, jobs::WorkerKind kind) {
  return {.kind = kind,
          .program = "",
          .warehouse = source.tables.storage().root(),
          .output_folder = "",
          .memory_limit_bytes = source.config.worker_memory_bytes};
}

std::vector<jobs::TableColumn> ColumnsOf(const lake::View& view) {
  std::vector<jobs::TableColumn> columns;
  for (const auto& column : view.columns) {
    columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  return columns;
}

std::vector<std::string> FilesOf(const lake::View& view) {
  std::vector<std::string> files;
  for (const auto& file : view.files) files.push_back(file.location);
  return files;
}

Error ErrorOf(const jobs::QueryError& error) { return Error(error.code, error.message); }

// A writer of rows as text, into a file or to stdout.
using Write = std::function<Status(std::string_view)>;

// Prints the rows page by page, as `steelthread sql` does; memory holds one page.
class RowExport {
 public:
  RowExport(const Source& source, FileFormat format)
      : source_(source),
        client_(source.clock, WorkerFor(source, jobs::WorkerKind::kQuery)),
        format_(format == FileFormat::kCsv ? RowFormat::kCsv : RowFormat::kNdjson) {}

  void Cancel() { client_.Cancel(); }

  Status Run(const Write& write, const Interrupts& interrupts) {
    const auto& view = source_.view;
    const jobs::QueryJob job{
        .sql = fmt::format("SELECT * FROM \"{}\".\"{}\"", view.name.schema, view.name.name),
        .tables = {{.schema = view.name.schema,
                    .name = view.name.name,
                    .columns = ColumnsOf(view),
                    .files = FilesOf(view)}},
        .user = "",
        .max_rows = kMaxRows,
        .memory_limit_bytes = source_.config.worker_memory_bytes};
    auto columns = client_.StartQuery(job, kExportTimeoutUs);
    if (!columns) return std::unexpected(ErrorOf(columns.error()));
    Status written;
    RowPrinter printer(format_, [&](std::string_view text) {
      if (written) written = write(text);
    });
    printer.SetColumns(HeadOf(*columns));
    std::vector<NestedType> types;
    for (const auto& column : view.columns) {
      ST_TRY(auto type, ParseType(column.type));
      types.push_back(std::move(type));
    }
    Progress progress;
    for (bool is_last = false; !is_last && written;) {
      if (interrupts.interrupted()) return Fail(ErrorCode::kShutdown, "interrupted");
      const auto page = client_.NextPage();
      if (!page) return std::unexpected(ErrorOf(page.error()));
      if (page->rows > 0) {
        ST_TRY_STATUS(printer.AddRows(jobs::WithFieldNames(page->rows_json, types)));
      }
      is_last = page->is_last;
      progress.Show(fmt::format("{}: {}, {}", lake::FullName(view.name),
                                Counted(printer.row_count(), "row"),
                                Percent(printer.row_count(), view.record_count)));
    }
    if (written) printer.End();
    return written;
  }

 private:
  // A result has its names in lower case; a file has those of the table.
  std::vector<statement::Column> HeadOf(const std::vector<jobs::ResultColumn>& columns) const {
    const auto& names = source_.view.columns;
    std::vector<statement::Column> head;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& name = columns.size() == names.size() ? names[i].name : columns[i].name;
      head.push_back({.name = name, .type = columns[i].type, .signature = ""});
    }
    return head;
  }

  const Source source_;
  jobs::WorkerClient client_;
  const RowFormat format_;
};

// Has a worker write the rows of all data files into one, as upkeep does.
class ParquetExport {
 public:
  ParquetExport(const Source& source, NewFile& file)
      : source_(source), file_(file), client_(source.clock, Options(source, file)) {}

  void Cancel() { client_.Cancel(); }

  Status Run() {
    const jobs::RewriteJob job{.columns = ColumnsOf(source_.view),
                               .inputs = FilesOf(source_.view),
                               .output_path = file_.temporary_path(),
                               .keep = "",
                               .may_be_empty = true};
    Status done;
    WithProgress(
        [&] {
          const auto written = client_.Rewrite(job, kExportTimeoutUs);
          if (!written) done = std::unexpected(written.error());
        },
        [&] {
          const auto all = static_cast<std::uint64_t>(source_.view.files.totals().bytes);
          return fmt::format("{}: {} of about {}", lake::FullName(source_.view.name),
                             Mebibytes(file_.SizeNow()), Mebibytes(all));
        });
    return done;
  }

 private:
  static jobs::WorkerOptions Options(const Source& source, const NewFile& file) {
    auto options = WorkerFor(source, jobs::WorkerKind::kTransform);
    options.output_folder = file.folder();
    return options;
  }

  const Source source_;
  NewFile& file_;
  jobs::WorkerClient client_;
};

bool IsLive(const Source& source, const std::string& location) {
  const auto now = lake::ReadView(source.tables.storage(), source.view.name);
  if (!now) return true;
  for (const auto& file : (*now)->files) {
    if (file.location == location) return true;
  }
  return false;
}

// An export reads the files of one version. The server removes a file an hour after the last
// version that names it, which a long export may not be done by.
Error ErrorWithFiles(const Source& source, const Error& error) {
  for (const auto& file : source.view.files) {
    if (os::KindOfPath(file.location) != os::PathKind::kMissing) continue;
    if (IsLive(source, file.location)) return error;
    return Error(
        ErrorCode::kUnavailable,
        fmt::format("{} left the table and was removed meanwhile: export it again", file.location));
  }
  return error;
}

// Compares each file with its commit, so that damage becomes no rows of an export.
Status CheckFiles(const Source& source, const Interrupts& interrupts) {
  Progress progress;
  std::int64_t bytes = 0;
  for (const auto& file : source.view.files) {
    if (interrupts.interrupted()) return Fail(ErrorCode::kShutdown, "interrupted");
    const auto checked = lake::CheckDataFile(source.tables.storage(), file);
    if (!checked && checked.error().code() == ErrorCode::kCorruption) {
      const auto& table = source.view.name;
      return Fail(ErrorCode::kCorruption, "{}; {}", checked.error().message(),
                  jobs::DamagedTableRemedy(table.schema, table.name));
    }
    ST_TRY_STATUS(checked);
    bytes += file.file_size_bytes;
    progress.Show(fmt::format("{}: {} of its files checked", lake::FullName(source.view.name),
                              Percent(bytes, source.view.files.totals().bytes)));
  }
  return {};
}

// Compares the files, exports by `run` and gives the file its name; prints the outcome.
template <typename Exporter, typename Run>
int Finish(const Source& source, Exporter& exporter, NewFile* file, Run&& run) {
  const auto began_us = source.clock.MonotonicUs();
  const Interrupts interrupts([&] { exporter.Cancel(); },
                              [&] {
                                if (file != nullptr) file->Discard();
                              });
  auto done = CheckFiles(source, interrupts);
  if (done) done = run(interrupts);
  if (done && file != nullptr) done = file->Finish();
  if (interrupts.interrupted() && !done) {
    std::fprintf(stderr, "steelthread: interrupted%s\n",
                 file == nullptr ? "" : ", no file was written");
    return kExitInterrupted;
  }
  if (!done) return ExitFor(ErrorWithFiles(source, done.error()));
  const auto& view = source.view;
  std::fputs(fmt::format("{}: {} in {:.2f} s\n", lake::FullName(view.name),
                         Counted(view.record_count, "row"),
                         static_cast<double>(source.clock.MonotonicUs() - began_us) / 1e6)
                 .c_str(),
             file == nullptr ? stderr : stdout);
  return 0;
}

int ExportAsRows(const Source& source, FileFormat format, NewFile* file) {
  RowExport exporter(source, format);
  bool is_broken = false;
  const Write write = [&](std::string_view text) -> Status {
    if (file != nullptr) return file->Write(text);
    is_broken = std::fwrite(text.data(), 1, text.size(), stdout) != text.size();
    if (!is_broken) return {};
    return Fail(ErrorCode::kIo, "stdout takes no more");
  };
  return Finish(source, exporter, file,
                [&](const Interrupts& interrupts) { return exporter.Run(write, interrupts); });
}

}  // namespace

int ExportTable(const app::Config& config, const ExportOptions& options) {
  const auto format = FormatOf(options);
  if (!format) return RefuseUsage(format.error());
  os::BlockTerminationSignals();
  auto tables = FolderTables::Open(config);
  if (!tables) return ExitForServer(tables.error());
  const auto view = tables->View(options.name, options.snapshot == 0
                                                   ? std::nullopt
                                                   : std::optional(SnapshotId(options.snapshot)));
  if (!view) return ExitFor(view.error());
  std::unique_ptr<NewFile> file;
  if (options.to != "-") {
    auto begun = NewFile::Begin(options.to, options.may_replace);
    if (!begun) return ExitFor(begun.error());
    file = std::move(*begun);
  }
  const auto clock = os::MakeSystemClock();
  const Source source{.config = config, .tables = *tables, .view = **view, .clock = *clock};
  if (*format != FileFormat::kParquet) return ExportAsRows(source, *format, file.get());
  ParquetExport exporter(source, *file);
  return Finish(source, exporter, file.get(), [&](const auto&) { return exporter.Run(); });
}

}  // namespace st::cli
