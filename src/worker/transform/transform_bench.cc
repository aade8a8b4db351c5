// Measures events a second through a transform: log segment -> JSON check -> four fields ->
// Parquet.
//
//   build/release/src/worker/transform_bench [events]
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "format/record/record_batch.h"
#include "jobs/worker_client.h"
#include "log/reader/entry.h"
#include "os/clock.h"

namespace st::worker::transform {
namespace {

constexpr std::int64_t kEventsInBatch = 500;
constexpr TopicId kTopic{std::array<std::uint8_t, 16>{7}};
constexpr const char* kSql = R"(
  SELECT raw_event, "timestamp", f[1] AS host, f[2] AS accept, f[3] AS user_agent,
         f[4] AS event_type FROM (
    SELECT value_text AS raw_event, "timestamp",
           json_extract_string(value_text, ['$.Host', '$.Accept', '$."User-Agent"', '$.event_type'])
             AS f FROM st_source()))";

std::string Event(std::int64_t i) {
  std::string event = fmt::format(
      R"({{"Host": "user{}.comcast.com", "event_type": "purchase_sword", "Accept": "*/*", )"
      R"("User-Agent": "ApacheBench/2.3"}})",
      i % 1000);
  constexpr std::size_t kEventBytes = 155;
  event.insert(event.size() - 2,
               std::string(kEventBytes - std::min(event.size(), kEventBytes), 'x'));
  return event;
}

// Writes one segment with one partition of `events` events.
jobs::LogSegments WriteLog(const std::string& path, std::int64_t events) {
  jobs::LogSegments source{
      .range = {}, .topics = {{.id = kTopic, .name = "events"}}, .files = {path}, .extents = {}};
  std::ofstream out(path, std::ios::binary);
  std::uint64_t position = 0;
  for (std::int64_t offset = 0; offset < events; offset += kEventsInBatch) {
    std::vector<std::string> values;
    for (std::int64_t i = 0; i < kEventsInBatch; ++i) values.push_back(Event(offset + i));
    std::vector<record::NewRecord> records;
    for (const auto& value : values) {
      records.push_back({.value = value, .timestamp_ms = 1'700'000'000'000 + offset});
    }
    std::string batch = record::BuildBatch(records);
    record::SetBaseOffset(batch, offset, 0);
    log::EntryHeader header{
        .lsn = Lsn(source.extents.size() + 1), .topic = kTopic, .base_offset = offset};
    std::string bytes;
    log::EncodeEntryHeader(header, batch, bytes);
    bytes += batch;
    out << bytes;
    source.extents.push_back({0, position, static_cast<std::uint32_t>(bytes.size())});
    position += bytes.size();
  }
  source.range.lsns = LsnRange{.from = Lsn(1), .to = Lsn(source.extents.size() + 1)};
  source.range.offsets[{.topic = kTopic, .partition = PartitionId(0)}] = {
      .from = Offset(0),
      .to = Offset(static_cast<std::int64_t>(source.extents.size()) * kEventsInBatch)};
  return source;
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

double ChildCpu() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return Seconds(used.ru_utime) + Seconds(used.ru_stime);
}

int Run(std::int64_t events) {
  std::string dir = "/tmp/st_transform_bench_XXXXXX";
  if (::mkdtemp(dir.data()) == nullptr) return 1;
  std::filesystem::create_directory(dir + "/warehouse");
  jobs::TransformJob job;
  job.sql = kSql;
  job.is_json = true;
  job.require = {"event_type"};
  job.bad_output_path = dir + "/warehouse/bad.parquet";
  const auto source = WriteLog(dir + "/1.log", events);
  job.sources = {source};
  const auto clock = os::MakeSystemClock();
  const auto program = os::ExecutableDir().value_or(".") + "/../../steelthread-sql";
  int failed = 0;
  for (int round = 0; round < 3; ++round) {
    const double cpu_before = ChildCpu();
    double wall = 0;
    {
      jobs::WorkerClient client(*clock, {.program = program, .warehouse = dir + "/warehouse"});
      if (!client.Start()) return 1;
      job.output_path = fmt::format("{}/warehouse/{}.parquet", dir, round);
      const std::int64_t from = clock->MonotonicUs();
      const auto result = client.Transform(job, 600'000'000);
      wall = static_cast<double>(clock->MonotonicUs() - from) / 1e6;
      if (!result) {
        std::printf("%s\n", result.error().ToString().c_str());
        failed = 1;
        break;
      }
      std::printf("%ld rows, %ld bytes: ", result->output->rows, result->output->bytes);
    }
    // The child's CPU time covers the worker's whole life, its start included.
    const double cpu = ChildCpu() - cpu_before;
    const auto count = static_cast<double>(source.extents.size()) * kEventsInBatch;
    std::printf("%.2f s, %.0f events/s; %.2f s of CPU, %.0f events per CPU-second\n", wall,
                count / wall, cpu, count / cpu);
  }
  std::filesystem::remove_all(dir);
  return failed;
}

}  // namespace
}  // namespace st::worker::transform

int main(int argc, char** argv) {
  return st::worker::transform::Run(argc > 1 ? std::atoll(argv[1]) : 1'000'000);
}
