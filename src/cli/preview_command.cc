#include "cli/preview_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/preview.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "cli/server_locator.h"
#include "cli/table_format.h"
#include "os/clock.h"
#include "os/random.h"
#include "trial/preview.h"

namespace st::cli {
namespace {

constexpr std::int64_t kPreviewTimeoutUs = 600'000'000;

// From the files of the folder, of which no server is in charge.
Result<trial::Preview> PreviewFiles(const app::Config& config, const PreviewOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY_STATUS(RequireDataFolder(*fs, config));
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  return app::PreviewFolder({*fs, *clock, *random}, config, options.name, options.records);
}

Result<trial::Preview> AskPreview(const app::Config& config, const PreviewOptions& options) {
  if (!FindServer(config)) return PreviewFiles(config, options);
  ST_TRY(const auto answer,
         ActOnPipeline(
             config,
             {.verb = "preview", .name = options.name, .arguments = {{"records", options.records}}},
             kPreviewTimeoutUs));
  return trial::PreviewFrom(answer);
}

// What people look at in a dead letter.
trial::Rows Letters(const trial::Rows& all) {
  trial::Rows rows;
  for (const std::string name : {"topic", "partition", "offset", "code", "reason"}) {
    for (std::size_t i = 0; i < all.columns.size(); ++i) {
      if (all.columns[i] != name) continue;
      rows.columns.push_back(name);
      rows.types.push_back(all.types[i]);
      rows.values.resize(all.values.size(), nlohmann::ordered_json::array());
      for (std::size_t row = 0; row < all.values.size(); ++row) {
        rows.values[row].push_back(all.values[row][i]);
      }
    }
  }
  return rows;
}

Status PrintRows(const trial::Rows& rows) {
  RowPrinter printer(RowFormat::kTable, [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  std::vector<statement::Column> columns;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    columns.push_back({.name = rows.columns[i], .type = rows.types[i], .signature = ""});
  }
  printer.SetColumns(columns);
  const nlohmann::ordered_json values = rows.values;
  ST_TRY_STATUS(printer.AddRows(
      values.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)));
  printer.End();
  return {};
}

nlohmann::ordered_json Objects(const trial::Rows& rows) {
  auto objects = nlohmann::ordered_json::array();
  for (const auto& values : rows.values) {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < rows.columns.size(); ++i) object[rows.columns[i]] = values[i];
    objects.push_back(std::move(object));
  }
  return objects;
}

Status Print(const trial::Preview& preview, const PreviewOptions& options) {
  if (options.format == "json") {
    const nlohmann::ordered_json json = {{"pipeline", options.name},
                                         {"records", preview.records},
                                         {"rows", Objects(preview.rows)},
                                         {"dead_letters", Objects(preview.dead_letters)}};
    std::puts(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    return {};
  }
  ST_TRY_STATUS(PrintRows(preview.rows));
  if (!preview.dead_letters.values.empty()) {
    std::puts("\ndead letters:");
    ST_TRY_STATUS(PrintRows(Letters(preview.dead_letters)));
  }
  std::puts(fmt::format("{}: {} would make {} and {}; nothing was written", options.name,
                        Counted(preview.records, "record"),
                        Counted(std::ssize(preview.rows.values), "row"),
                        Counted(std::ssize(preview.dead_letters.values), "dead letter"))
                .c_str());
  return {};
}

}  // namespace

int PreviewPipeline(const app::Config& config, const PreviewOptions& options) {
  const auto preview = AskPreview(config, options);
  if (!preview) return ExitForServer(preview.error());
  const auto printed = Print(*preview, options);
  return printed ? 0 : ExitFor(printed.error());
}

}  // namespace st::cli
