#include "cli/table_command.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <span>
#include <vector>

#include "base/nested_type.h"
#include "base/text.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "cli/json_rows.h"
#include "cli/table_format.h"
#include "format/iceberg/table_metadata.h"
#include "jobs/damaged_file.h"
#include "lake/checksum.h"
#include "lake/holds.h"
#include "lake/metadata_check.h"
#include "lake/names.h"
#include "lake/partition.h"
#include "lake/read_view.h"
#include "os/clock.h"
#include "query/catalog_statements.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

int Print(const Result<Rows>& made, const std::string& format) {
  return made ? PrintRows(*made, format) : ExitForServer(made.error());
}

Json NumberAt(const std::map<std::string, std::string>& summary, const char* key) {
  const auto found = summary.find(key);
  const auto number = found == summary.end() ? std::nullopt : ParseInt64(found->second);
  return number ? Json(*number) : Json();
}

Result<Rows> AllTables(const app::Config& config) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto names, tables.Named(""));
  Rows rows{.columns = Columns({{"table", "varchar"},
                                {"rows", "bigint"},
                                {"files", "bigint"},
                                {"bytes", "bigint"},
                                {"snapshots", "bigint"},
                                {"last commit", "varchar"},
                                {"problem", "varchar"}})};
  for (const auto& name : names) {
    const auto view = lake::ReadView(tables.storage(), name);
    if (!view && view.error().code() == ErrorCode::kNotFound) continue;  // it is being created
    if (!view) {
      rows.rows.push_back({lake::FullName(name), nullptr, nullptr, nullptr, nullptr, nullptr,
                           view.error().message()});
      continue;
    }
    rows.rows.push_back({lake::FullName(name), (*view)->record_count, (*view)->files.size(),
                         (*view)->files.totals().bytes, (*view)->snapshot_count,
                         TimeOf((*view)->snapshot_time_ms), nullptr});
  }
  return rows;
}

// The fields of the partition that are made of the column; null: none.
Json PartitionOf(const TableLayout& layout, const std::string& column) {
  std::vector<PartitionBy> fields;
  for (const auto& field : layout.partition) {
    if (field.column == column) fields.push_back(field);
  }
  return fields.empty() ? Json() : Json(Describe(fields));
}

// "1: name", "2: price DESC NULLS LAST" by the column's place in the order; null: none.
Json OrderOf(const TableLayout& layout, const std::string& column) {
  for (std::size_t i = 0; i < layout.sort.size(); ++i) {
    if (layout.sort[i].column != column) continue;
    return fmt::format("{}: {}", i + 1, Describe(std::span(layout.sort).subspan(i, 1)));
  }
  return nullptr;
}

Result<Rows> ColumnsOf(const app::Config& config, const std::string& name) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto view, tables.View(name));
  Rows rows{.columns = Columns({{"id", "bigint"},
                                {"column", "varchar"},
                                {"type in SQL", "varchar"},
                                {"type in Iceberg", "varchar"},
                                {"partitioned by", "varchar"},
                                {"sorted", "varchar"},
                                {"comment", "varchar"}})};
  for (const auto& column : view->columns) {
    const auto type = ParseType(column.type);
    rows.rows.push_back({column.id, column.name, query::TrinoTypeOf(column.type),
                         type ? ShownType(*type) : column.type,
                         PartitionOf(view->layout, column.name), OrderOf(view->layout, column.name),
                         column.doc.empty() ? Json() : Json(column.doc)});
  }
  return rows;
}

Result<Rows> HistoryOf(const app::Config& config, const std::string& name) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto view, tables.View(name));
  ST_TRY(const auto metadata, iceberg::ParseTableMetadata(view->metadata_json));
  Rows rows{.columns = Columns({{"snapshot", "bigint"},
                                {"time", "varchar"},
                                {"operation", "varchar"},
                                {"added rows", "bigint"},
                                {"added files", "bigint"},
                                {"removed files", "bigint"},
                                {"rows", "bigint"},
                                {"files", "bigint"},
                                {"tags", "varchar"}})};
  for (const auto& snapshot : std::views::reverse(metadata.snapshots)) {
    std::string tags = snapshot.id == metadata.current_snapshot_id ? "current" : "";
    for (const auto& tag : metadata.tags) {
      if (tag.snapshot_id == snapshot.id) tags += (tags.empty() ? "" : ", ") + tag.name;
    }
    const auto& summary = snapshot.summary.entries();
    const auto operation = summary.find("operation");
    rows.rows.push_back(
        {snapshot.id, TimeOf(snapshot.timestamp_ms),
         operation == summary.end() ? "" : operation->second, NumberAt(summary, "added-records"),
         NumberAt(summary, "added-data-files"), NumberAt(summary, "deleted-data-files"),
         NumberAt(summary, "total-records"), NumberAt(summary, "total-data-files"), tags});
  }
  return rows;
}

// The holds of a table that have not ended.
std::vector<lake::HeldSnapshots> LivingHolds(const lake::View& view) {
  auto holds = view.holds;
  const auto now_ms = os::MakeSystemClock()->NowUs() / 1000;
  std::erase_if(holds, [&](const auto& held) { return held.hold.until_ms <= now_ms; });
  return holds;
}

Result<Rows> HoldsOf(const app::Config& config, const std::string& name) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto names, tables.Named(name));
  Rows rows{.columns = Columns({{"table", "varchar"},
                                {"hold", "varchar"},
                                {"first snapshot", "bigint"},
                                {"set", "varchar"},
                                {"until", "varchar"},
                                {"kept snapshots", "bigint"}})};
  for (const auto& table : names) {
    const auto view = lake::ReadView(tables.storage(), table);
    // It is being created, or damaged, which `table ls` tells.
    if (!view && name.empty()) continue;
    if (!view) return std::unexpected(view.error());
    for (const auto& held : LivingHolds(**view)) {
      rows.rows.push_back({lake::FullName(table), held.hold.name, held.hold.first.value(),
                           TimeOf(held.hold.set_ms), TimeOf(held.hold.until_ms), held.kept});
    }
  }
  return rows;
}

// A line for each hold, with the command that ends it.
Status PrintHolds(const app::Config& config, const std::string& name) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto view, tables.View(name));
  std::string text;
  for (const auto& held : LivingHolds(*view)) {
    text +=
        fmt::format("{} keeps snapshot {} and every later one, {} in all; {} ends it\n",
                    lake::DescribeHold(held.hold), held.hold.first, Counted(held.kept, "snapshot"),
                    lake::ReleaseCommand(view->name, held.hold));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return {};
}

Result<Rows> FilesOf(const app::Config& config, const std::string& name) {
  ST_TRY(const auto tables, FolderTables::Open(config));
  ST_TRY(const auto view, tables.View(name));
  Rows rows{.columns = Columns({{"rows", "bigint"},
                                {"bytes", "bigint"},
                                {"partition", "varchar"},
                                {"added by snapshot", "bigint"},
                                {"file", "varchar"}})};
  for (const auto& file : view->files) {
    const auto partition = lake::DescribePartition(*view, file);
    rows.rows.push_back({file.record_count, file.file_size_bytes,
                         partition.empty() ? Json() : Json(partition),
                         file.origin ? Json(file.origin->snapshot_id) : Json(), file.location});
  }
  return rows;
}

// What the last line about a table says of it.
std::string Verdict(const lake::TableName& name, std::int64_t damaged, bool is_metadata_intact) {
  if (damaged > 0) return "DAMAGED; " + jobs::DamagedTableRemedy(name.schema, name.name);
  return is_metadata_intact ? "intact" : "DAMAGED, in the metadata alone";
}

// Prints what is damaged of the metadata of all snapshots; false: something is.
bool VerifyMetadata(lake::Storage& storage, const lake::TableName& name) {
  const auto errors = lake::CheckMetadata(storage, name);
  for (const auto& error : errors) std::printf("%s\n", error.message().c_str());
  return errors.empty();
}

// Prints what is damaged of the data files, and the verdict; false: something is.
bool VerifyTable(lake::Storage& storage, const lake::View& view, bool is_metadata_intact) {
  std::int64_t damaged = 0;
  for (const auto& file : view.files) {
    const auto checked = lake::CheckDataFile(storage, file);
    if (checked) continue;
    ++damaged;
    std::printf("%s: %s\n", lake::FullName(view.name).c_str(), checked.error().message().c_str());
  }
  std::printf("%s\n", fmt::format("{}: {}, {}: {}", lake::FullName(view.name),
                                  Counted(view.files.totals().files, "file"),
                                  Counted(view.record_count, "row"),
                                  Verdict(view.name, damaged, is_metadata_intact))
                          .c_str());
  std::fflush(stdout);
  return damaged == 0 && is_metadata_intact;
}

constexpr std::int64_t kActTimeoutUs = 120'000'000;  // a step that runs is waited for

void PrintRollback(const Json& done) {
  const auto number = [&](const char* key) { return done.value(key, std::int64_t{0}); };
  std::string text = fmt::format(
      "{}: back at snapshot {}{}, with {} (before: {}) and {}\n", done.value("table", ""),
      number("to"), done["from"].is_null() ? "" : fmt::format(" from {}", number("from")),
      Counted(number("rows"), "row"), number("rows_before"),
      Counted(number("dead_letters"), "dead letter"));
  for (const auto& p : done.value("partitions", Json::array())) {
    text += fmt::format("  {}/{}: it has the records before offset {} of {}\n",
                        p.value("topic", ""), p.value("partition", 0),
                        p.value("next", std::int64_t{0}), p.value("end", std::int64_t{0}));
  }
  const auto pipeline = done.value("pipeline", "");
  text += pipeline.empty()
              ? "no pipeline of the project fills it; one that does is paused at first\n"
              : fmt::format(
                    "its pipeline is paused; `steelthread pipeline resume {}` "
                    "fills it from there on\n",
                    pipeline);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int ListTables(const app::Config& config, const TableOptions& options) {
  return Print(AllTables(config), options.format);
}

int DescribeTable(const app::Config& config, const TableOptions& options) {
  const auto code = Print(ColumnsOf(config, options.name), options.format);
  if (code != 0 || ParseRowFormat(options.format) != RowFormat::kTable) return code;
  const auto printed = PrintHolds(config, options.name);
  return printed ? 0 : ExitForServer(printed.error());
}

int ShowHolds(const app::Config& config, const TableOptions& options) {
  return Print(HoldsOf(config, options.name), options.format);
}

int ShowHistory(const app::Config& config, const TableOptions& options) {
  return Print(HistoryOf(config, options.name), options.format);
}

int ShowFiles(const app::Config& config, const TableOptions& options) {
  return Print(FilesOf(config, options.name), options.format);
}

int RollBackTable(const app::Config& config, const RollbackOptions& options) {
  Json where = Json::object();
  if (options.snapshot) where["to"] = *options.snapshot;
  if (!options.as_of.empty()) where["as_of"] = options.as_of;
  if (where.empty()) {
    return RefuseUsage(Error(ErrorCode::kInvalidArgument,
                             "--to SNAPSHOT or --as-of TIME says where to; `steelthread table "
                             "history` lists the snapshots"));
  }
  const auto done = ActOnTable(
      config, {.verb = "rollback", .name = options.name, .arguments = where}, kActTimeoutUs);
  if (!done) return ExitForServer(done.error());
  PrintWarnings(*done);
  PrintRollback(*done);
  return 0;
}

int VerifyTables(const app::Config& config, const TableOptions& options) {
  const auto tables = FolderTables::Open(config);
  if (!tables) return ExitForServer(tables.error());
  const auto names = tables->Named(options.name);
  if (!names) return ExitFor(names.error());
  bool is_intact = true;
  for (const auto& name : *names) {
    const auto view = lake::ReadView(tables->storage(), name);
    if (!view && view.error().code() == ErrorCode::kNotFound) continue;  // it is being created
    const bool is_metadata_intact = VerifyMetadata(tables->storage(), name);
    is_intact &= is_metadata_intact;
    if (view) is_intact &= VerifyTable(tables->storage(), **view, is_metadata_intact);
  }
  return is_intact ? 0 : kExitDamage;
}

}  // namespace st::cli
