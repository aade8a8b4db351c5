// Measures how long a condition takes to choose among 1,000, 10,000 and 100,000 data files of eight
// columns, and what memory the files and their statistics by column take: pruning_bench
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "lake/pruning.h"
#include "lake/types.h"
#include "os/clock.h"

namespace st::lake {
namespace {

using Op = RowFilter::Op;

constexpr int kColumns = 8;
constexpr int kRuns = 20;
constexpr std::int64_t kStartUs = 1'700'000'000'000'000;
constexpr std::int64_t kFileUs = 10'000'000;  // of the rows of one file

std::vector<Column> Columns() {
  std::vector<Column> columns = {{1, "timestamp", "timestamptz"}, {2, "n", "long"}};
  for (int id = 3; id <= kColumns; ++id) columns.push_back({id, fmt::format("c{}", id), "string"});
  return columns;
}

std::string Bound(std::int64_t value) {
  std::string bytes(sizeof(value), '\0');
  for (auto& byte : bytes) {
    byte = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

DataFile File(std::int64_t number) {
  DataFile file{.location = fmt::format("/lake/warehouse/default/t/data/{:036}.parquet", number),
                .record_count = 100,
                .file_size_bytes = 10'000};
  const auto add = [&file](int id, std::string lower, std::string upper) {
    file.columns[id] = {.size_bytes = 100,
                        .value_count = 100,
                        .null_count = 0,
                        .lower = std::move(lower),
                        .upper = std::move(upper)};
  };
  add(1, Bound(kStartUs + number * kFileUs), Bound(kStartUs + (number + 1) * kFileUs - 1));
  add(2, Bound(0), Bound(1'000'000));
  for (int id = 3; id <= kColumns; ++id) add(id, "a lower bound of", "an upper bound o");
  return file;
}

// A table of the same files by a bucket of the numbers.
View Partitioned(std::vector<DataFile> files) {
  constexpr int kFieldId = 1000;
  const PartitionTransform bucket{.kind = TransformKind::kBucket, .parameter = 16};
  int number = 0;
  for (auto& file : files) {
    file.spec_id = 1;
    file.partition[kFieldId] = Bound(number++ % bucket.parameter).substr(0, sizeof(std::int32_t));
  }
  View view{.name = {"default", "t"}, .columns = Columns(), .files = FileList(std::move(files))};
  view.partition_specs = {{.id = 1,
                           .fields = {{.id = kFieldId,
                                       .name = "n_bucket",
                                       .column_id = 2,
                                       .column = "n",
                                       .transform = bucket,
                                       .source = {.kind = TypeKind::kLong},
                                       .result = {.kind = TypeKind::kInt}}}}};
  return view;
}

RowFilter Compare(int column, Op op, std::string value) {
  return {.op = op, .column_id = column, .value = std::move(value), .children = {}};
}

void Measure(const char* what, const RowFilter& filter, const View& view) {
  const auto clock = os::MakeSystemClock();
  std::vector<double> times_ms;
  std::size_t chosen = 0;
  for (int i = 0; i < kRuns; ++i) {
    const auto began_us = clock->MonotonicUs();
    chosen = FilesFor(filter, view).size();
    times_ms.push_back(static_cast<double>(clock->MonotonicUs() - began_us) / 1e3);
  }
  std::ranges::sort(times_ms);
  std::printf("%7zu files, %-28s %7zu chosen: best %8.3f ms, median %8.3f ms\n", view.files.size(),
              what, chosen, times_ms.front(), times_ms[times_ms.size() / 2]);
}

double HeapMb() {
  const auto heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd) / 1e6;
}

void Run(std::int64_t files) {
  const auto clock = os::MakeSystemClock();
  const auto empty_mb = HeapMb();
  std::vector<DataFile> list;
  for (std::int64_t i = 0; i < files; ++i) list.push_back(File(i));
  const auto files_mb = HeapMb();
  const auto began_us = clock->MonotonicUs();
  const ChunkStatistics statistics(list);
  std::printf("%7lld files: %.1f MB, statistics by column %.1f MB, made in %.1f ms\n",
              static_cast<long long>(files), files_mb - empty_mb, HeapMb() - files_mb,
              static_cast<double>(clock->MonotonicUs() - began_us) / 1e3);
  const View partitioned = Partitioned(list);
  const View view{
      .name = {"default", "t"}, .columns = Columns(), .files = FileList(std::move(list))};
  const auto from = Compare(1, Op::kGreaterOrEqual, "2023-11-14 22:30:00+00");
  const auto to = Compare(1, Op::kLess, "2023-11-14 22:31:40+00");
  Measure("no condition", {}, view);
  Measure("a stretch of time", {.op = Op::kAll, .value = {}, .children = {from, to}}, view);
  Measure("a text that none has", Compare(3, Op::kEqual, "zzz"), view);
  Measure("a bucket of 16", Compare(2, Op::kEqual, "7"), partitioned);
  RowFilter many{.op = Op::kOne, .value = {}, .children = {}};
  for (int i = 0; i < 100; ++i) many.children.push_back(Compare(2, Op::kEqual, "-5"));
  Measure("one of 100 numbers", many, view);
}

}  // namespace
}  // namespace st::lake

int main() {
  for (const std::int64_t files : {1'000, 10'000, 100'000}) st::lake::Run(files);
}
