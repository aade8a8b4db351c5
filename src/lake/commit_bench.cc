// Measures a commit to tables that hold 10, 1,000 and 100,000 files, and to one that has taken 1,
// 100 and 10,000 commits of a file each:
//
//   commit_bench FOLDER [SCALE]
//
// FOLDER is an absolute path. SCALE, 1 if it is missing, shortens the largest of both.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lake/lake.h"

namespace st::lake {
namespace {

constexpr int kCommits = 150;
constexpr int kColumns = 8;

// A file whose syncs can be left out.
class LooseFile final : public os::File {
 public:
  LooseFile(std::unique_ptr<os::File> file, const bool& is_synced)
      : file_(std::move(file)), is_synced_(is_synced) {}
  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    return file_->ReadAt(position, to);
  }
  Status WriteAt(std::uint64_t position, std::string_view bytes) override {
    return file_->WriteAt(position, bytes);
  }
  Status WriteAllAt(std::uint64_t position, std::span<const std::string_view> parts) override {
    return file_->WriteAllAt(position, parts);
  }
  Status Sync() override { return is_synced_ ? file_->Sync() : Status(); }
  Status Allocate(std::uint64_t size) override { return file_->Allocate(size); }
  Status Truncate(std::uint64_t size) override { return file_->Truncate(size); }
  Result<std::uint64_t> Size() override { return file_->Size(); }
  Result<std::uint64_t> SizeAt(const std::string& path) const override {
    return file_->SizeAt(path);
  }

 private:
  const std::unique_ptr<os::File> file_;
  const bool& is_synced_;
};

// The disk. Commits that are not measured leave syncs out, since ten thousand take minutes.
class Disk final : public os::FileSystem {
 public:
  bool is_synced = true;

  Result<std::unique_ptr<os::File>> Open(const std::string& path, os::OpenMode mode) override {
    ST_TRY(auto file, fs_->Open(path, mode));
    return std::make_unique<LooseFile>(std::move(file), is_synced);
  }
  Status SyncDir(const std::string& dir) override {
    return is_synced ? fs_->SyncDir(dir) : Status();
  }
  Result<bool> Exists(const std::string& path) override { return fs_->Exists(path); }
  Result<std::vector<std::string>> List(const std::string& dir) override { return fs_->List(dir); }
  Status CreateDirs(const std::string& dir) override { return fs_->CreateDirs(dir); }
  Status Remove(const std::string& path) override { return fs_->Remove(path); }
  Status RemoveDir(const std::string& dir) override { return fs_->RemoveDir(dir); }
  Status Rename(const std::string& from, const std::string& to) override {
    return fs_->Rename(from, to);
  }
  Status Link(const std::string& from, const std::string& to) override {
    return fs_->Link(from, to);
  }
  Result<std::uint64_t> FreeBytes(const std::string& path) override { return fs_->FreeBytes(path); }
  Result<std::int64_t> ModifiedUs(const std::string& path) override {
    return fs_->ModifiedUs(path);
  }
  Result<os::FileIdentity> Identity(const std::string& path) override {
    return fs_->Identity(path);
  }
  Result<std::unique_ptr<os::FileLock>> Lock(const std::string& path) override {
    return fs_->Lock(path);
  }

 private:
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
};

struct Machine {
  std::unique_ptr<Disk> fs = std::make_unique<Disk>();
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

Result<TableName> MakeTable(Lake& lake, const std::string& name) {
  TableName table{"default", name};
  std::vector<Column> columns;
  for (int id = 1; id <= kColumns; ++id) columns.push_back({id, fmt::format("c{}", id), "string"});
  ST_TRY_STATUS(lake.Create(table, columns, {}));
  return table;
}

// Commits one file. Returns how long the commit took, in milliseconds.
Result<double> CommitOne(Machine& machine, Lake& lake, const TableName& table) {
  ST_TRY(auto file, WriteFile(machine, lake, table));
  const auto began_us = machine.clock->MonotonicUs();
  ST_TRY_STATUS(Commit(lake, table, {std::move(file)}));
  return static_cast<double>(machine.clock->MonotonicUs() - began_us) / 1e3;
}

Status MeasureCommits(Machine& machine, Lake& lake, const TableName& table,
                      const std::string& what) {
  std::vector<double> times_ms;
  double sum_ms = 0;
  const auto cpu_began = std::clock();
  for (int i = 0; i < kCommits; ++i) {
    ST_TRY(const auto took_ms, CommitOne(machine, lake, table));
    times_ms.push_back(took_ms);
    sum_ms += took_ms;
  }
  const auto cpu_ms = static_cast<double>(std::clock() - cpu_began) * 1e3 / CLOCKS_PER_SEC;
  std::ranges::sort(times_ms);
  std::printf("%22s: median %7.2f ms, mean %7.2f ms, longest %7.2f ms; processor %6.2f ms\n",
              what.c_str(), times_ms[times_ms.size() / 2], sum_ms / kCommits, times_ms.back(),
              cpu_ms / kCommits);
  std::fflush(stdout);
  return {};
}

// A table that one commit gave its files.
Status MeasureFiles(Machine& machine, Lake& lake, int held) {
  ST_TRY(const auto table, MakeTable(lake, fmt::format("files_{}", held)));
  std::vector<DataFile> files;
  for (int i = 0; i < held; ++i) {
    ST_TRY(auto file, WriteFile(machine, lake, table));
    files.push_back(std::move(file));
  }
  ST_TRY_STATUS(Commit(lake, table, std::move(files)));
  return MeasureCommits(machine, lake, table, fmt::format("{} files", held));
}

// A table after so many commits, whose files nobody put together.
Status MeasureBehind(Machine& machine, Lake& lake, int commits) {
  ST_TRY(const auto table, MakeTable(lake, fmt::format("commits_{}", commits)));
  machine.fs->is_synced = false;
  for (int i = 0; i < commits; ++i) {
    ST_TRY([[maybe_unused]] const auto took_ms, CommitOne(machine, lake, table));
  }
  machine.fs->is_synced = true;
  return MeasureCommits(machine, lake, table, fmt::format("{} commits behind", commits));
}

Status Run(const std::string& folder, double scale) {
  Machine machine;
  ST_TRY(const auto lake, Lake::Open({*machine.fs, *machine.clock, *machine.random},
                                     {.warehouse = folder + "/warehouse"}));
  const auto scaled = [scale](int count) {
    return static_cast<int>(static_cast<double>(count) * std::min(scale, 1.0));
  };
  for (const int held : {10, 1'000, scaled(100'000)}) {
    ST_TRY_STATUS(MeasureFiles(machine, *lake, held));
  }
  for (const int commits : {1, 100, scaled(10'000)}) {
    ST_TRY_STATUS(MeasureBehind(machine, *lake, commits));
  }
  return {};
}

}  // namespace
}  // namespace st::lake

int main(int argc, char** argv) {
  const double scale = argc == 3 ? std::atof(argv[2]) : 1;
  if (argc < 2 || argc > 3 || scale <= 0) {
    std::printf("usage: commit_bench FOLDER [SCALE] (an absolute path, and a number to 1)\n");
    return 2;
  }
  const auto done = st::lake::Run(argv[1], scale);
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
