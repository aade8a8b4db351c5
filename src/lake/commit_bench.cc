// Measures a commit to tables that hold 10, 1,000 and 100,000 files: commit_bench FOLDER
#include <algorithm>
#include <cstdio>
#include <vector>

#include "lake/lake.h"

namespace st::lake {
namespace {

constexpr int kCommits = 150;
constexpr int kColumns = 8;

struct Machine {
  std::unique_ptr<os::FileSystem> fs = os::MakePosixFileSystem();
  std::unique_ptr<os::Clock> clock = os::MakeSystemClock();
  std::unique_ptr<os::Random> random = os::MakeSystemRandom();
};

// Writes a file of one kilobyte for which the commit claims rows; its bytes are not synced.
Result<DataFile> WriteFile(Machine& machine, Lake& lake, const TableName& table) {
  constexpr std::int64_t kBytes = 1024;
  ST_TRY(const auto location, lake.NewDataFile(table));
  ST_TRY(const auto file, machine.fs->Open(location, os::OpenMode::kCreateNew));
  ST_TRY_STATUS(file->WriteAt(0, std::string(kBytes, 'x')));
  DataFile data{.location = location, .record_count = 100, .file_size_bytes = kBytes};
  for (int id = 1; id <= kColumns; ++id) {
    data.columns[id] = {.size_bytes = 100,
                        .value_count = 100,
                        .null_count = 0,
                        .lower = std::string("a lower bound"),
                        .upper = std::string("an upper bound")};
  }
  return data;
}

Status Commit(Lake& lake, const TableName& table, std::vector<DataFile> files) {
  ST_TRY(const auto view, lake.Load(table));
  ST_TRY(const auto done, lake.Commit({.table = table,
                                       .expected_version = view->version,
                                       .files = std::move(files),
                                       .properties = {{"steelthread.offsets", "{}"}}}));
  return done->record_count > 0 ? Status() : Fail(ErrorCode::kIo, "no rows");
}

Status Measure(Machine& machine, Lake& lake, int held) {
  const TableName table{"default", fmt::format("files_{}", held)};
  std::vector<Column> columns;
  for (int id = 1; id <= kColumns; ++id) columns.push_back({id, fmt::format("c{}", id), "string"});
  ST_TRY_STATUS(lake.Create(table, columns, {}));
  std::vector<DataFile> files;
  for (int i = 0; i < held; ++i) {
    ST_TRY(auto file, WriteFile(machine, lake, table));
    files.push_back(std::move(file));
  }
  ST_TRY_STATUS(Commit(lake, table, std::move(files)));
  std::vector<double> times_ms;
  double sum_ms = 0;
  for (int i = 0; i < kCommits; ++i) {
    ST_TRY(auto file, WriteFile(machine, lake, table));
    const auto began = machine.clock->MonotonicUs();
    ST_TRY_STATUS(Commit(lake, table, {std::move(file)}));
    times_ms.push_back(static_cast<double>(machine.clock->MonotonicUs() - began) / 1e3);
    sum_ms += times_ms.back();
  }
  std::ranges::sort(times_ms);
  std::printf("%6d files: median %8.2f ms, mean %8.2f ms, longest %8.2f ms\n", held,
              times_ms[times_ms.size() / 2], sum_ms / kCommits, times_ms.back());
  std::fflush(stdout);
  return {};
}

Status Run(const std::string& folder) {
  Machine machine;
  ST_TRY(const auto lake, Lake::Open({*machine.fs, *machine.clock, *machine.random},
                                     {.warehouse = folder + "/warehouse"}));
  for (const int held : {10, 1'000, 100'000}) ST_TRY_STATUS(Measure(machine, *lake, held));
  return {};
}

}  // namespace
}  // namespace st::lake

int main(int argc, char** argv) {
  if (argc != 2) {
    std::printf("usage: commit_bench FOLDER (an absolute path)\n");
    return 2;
  }
  const auto done = st::lake::Run(argv[1]);
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
