// Measures events a second through a transform: log segment -> JSON check -> four fields ->
// Parquet, or a file for each of so many buckets of the hosts; or six fields by from_json.
//
//   build/release/src/worker/transform/worker_transform_bench [events] [buckets] [from_json]
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

// The same by from_json, with six fields.
std::string FromJsonSql() {
  std::string fields;
  for (const auto* name : {"Host", "Accept", "User-Agent", "event_type", "price", "item"}) {
    fields += fmt::format(R"({}{{"id":0,"name":"{}","required":false,"type":"{}"}})",
                          fields.empty() ? "" : ",", name,
                          std::string_view(name) == "price" ? "long" : "string");
  }
  return fmt::format(
      R"(SELECT "timestamp", struct_extract(e, 'Host') AS host,
                struct_extract(e, 'Accept') AS accept, struct_extract(e, 'User-Agent') AS agent,
                struct_extract(e, 'event_type') AS event_type, struct_extract(e, 'price') AS price,
                struct_extract(e, 'item') AS item
         FROM (SELECT "timestamp",
                      spark_from_json_6(value_text, '{{"type":"struct","fields":[{}]}}', false) AS e
               FROM st_source()))",
      fields);
}

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

int Run(std::int64_t events, int buckets, const std::string& sql) {
  std::string dir = "/tmp/st_transform_bench_XXXXXX";
  if (::mkdtemp(dir.data()) == nullptr) return 1;
  std::filesystem::create_directory(dir + "/warehouse");
  jobs::TransformJob job;
  job.sql = sql;
  job.is_json = true;
  job.require = {"event_type"};
  job.bad_output_path = dir + "/warehouse/bad.parquet";
  if (buckets > 0) {
    job.layout.partition = {{"host", {.kind = TransformKind::kBucket, .parameter = buckets}}};
  }
  const auto source = WriteLog(dir + "/1.log", events);
  job.sources = {source};
  const auto clock = os::MakeSystemClock();
  const auto program = os::ExecutableDir().value_or(".") + "/../../../steelthread-sql";
  int failed = 0;
  for (int round = 0; round < 3; ++round) {
    const double cpu_before = ChildCpu();
    double wall = 0;
    {
      jobs::WorkerClient client(*clock, {.program = program, .warehouse = dir + "/warehouse"});
      if (!client.Start()) return 1;
      job.output_path =
          fmt::format("{}/warehouse/{}0000000-0000-4000-8000-000000000000.parquet", dir, round);
      const std::int64_t from = clock->MonotonicUs();
      const auto result = client.Transform(job, 600'000'000);
      wall = static_cast<double>(clock->MonotonicUs() - from) / 1e6;
      if (!result) {
        std::printf("%s\n", result.error().ToString().c_str());
        failed = 1;
        break;
      }
      std::int64_t bytes = 0;
      for (const auto& file : result->outputs) bytes += file.bytes;
      std::printf("%ld rows, %zu files, %ld bytes: ", result->rows(), result->outputs.size(),
                  bytes);
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
  namespace bench = st::worker::transform;
  return bench::Run(argc > 1 ? std::atoll(argv[1]) : 1'000'000, argc > 2 ? std::atoi(argv[2]) : 0,
                    argc > 3 ? bench::FromJsonSql() : std::string(bench::kSql));
}
