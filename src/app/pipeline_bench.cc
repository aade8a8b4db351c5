// Measures a catch-up from the log to Iceberg: one pipeline with a real worker moves a log of the
// course's events.
//
//   pipeline_bench PIPELINE.sql [EVENTS] [EVENTS_A_BATCH]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "base/text.h"
#include "format/record/record_batch.h"
#include "os/process.h"
#include "stream/pipeline.h"
#include "stream/worker_transformer.h"

namespace st::app {
namespace {

double CpuSeconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Status Fill(log::Log& log, TopicPartition tp, std::int64_t events, std::int64_t a_batch) {
  static constexpr const char* kTypes[] = {"purchase_sword", "default", "purchase_knife",
                                           "join_guild"};
  for (std::int64_t at = 0; at < events;) {
    std::vector<std::string> values;
    for (std::int64_t i = 0; i < a_batch && at < events; ++i, ++at) {
      values.push_back(fmt::format(R"({{"Host": "user{:06}.comcast.com", "event_type": "{}", )"
                                   R"("Accept": "*/*", "User-Agent": "ApacheBench/2.3", )"
                                   R"("Accept-Encoding": "gzip"}})",
                                   at % 1'000'000, kTypes[at % 4]));
    }
    std::vector<record::NewRecord> records;
    for (const auto& value : values) {
      records.push_back({.key = std::nullopt,
                         .value = value,
                         .timestamp_ms = 1'700'000'000'000 + at,
                         .headers = {}});
    }
    std::promise<Result<log::AppendResult>> done;
    log.Append(tp, record::BuildBatch(records), log::kFromThisServer,
               [&done](Result<log::AppendResult> result) { done.set_value(std::move(result)); });
    const auto appended = done.get_future().get();
    if (!appended) return std::unexpected(appended.error());
  }
  return {};
}

Status Run(const std::string& path, std::int64_t events, std::int64_t a_batch) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  ST_TRY(const auto definitions, dialect::spark::ParsePipelineFile(path, text.str()));
  if (definitions.empty()) return Fail(ErrorCode::kNotFound, "{} declares no pipeline", path);
  std::string pattern = "/tmp/pipeline_bench_XXXXXX";
  const std::string folder = ::mkdtemp(pattern.data());
  const auto fs = os::MakePosixFileSystem();
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  const os::Env env{*fs, *clock, *random};
  ST_TRY(const auto log, log::LocalLog::Open(env, {.dir = folder + "/log"}));
  ST_TRY(const auto lake, lake::Lake::Open(env, {.warehouse = folder + "/warehouse"}));
  ST_TRY(const auto topic, log->CreateTopic(definitions[0].topics.at(0), 1));
  ST_TRY_STATUS(Fill(*log, {.topic = topic.id, .partition = PartitionId(0)}, events, a_batch));
  ST_TRY(const std::string bin, os::ExecutableDir());
  auto worker = stream::MakeWorkerTransformer(
      *clock, {.program = bin + "/../../steelthread-sql", .warehouse = folder + "/warehouse"},
      stream::kJobTimeoutUs);
  stream::Pipeline pipeline({.log = *log, .lake = *lake, .env = env}, definitions[0], *worker);
  const std::int64_t started = clock->MonotonicUs();
  const double cpu = CpuSeconds(RUSAGE_SELF);
  std::int64_t rows = 0;
  int steps = 0;
  while (true) {
    ST_TRY(const auto step, pipeline.Step(clock->NowUs()));
    rows += step.rows;
    ++steps;
    if (!step.has_more) break;
  }
  const double seconds = static_cast<double>(clock->MonotonicUs() - started) / 1e6;
  worker.reset();  // waits for the child, so that its CPU time counts
  const double cpu_all = CpuSeconds(RUSAGE_SELF) - cpu + CpuSeconds(RUSAGE_CHILDREN);
  const auto n = static_cast<double>(events);
  std::printf("%s: %lld events, %lld rows, %d steps, %.2f s: %.0f events/s, %.0f a CPU-second\n",
              definitions[0].name.c_str(), static_cast<long long>(events),
              static_cast<long long>(rows), steps, seconds, n / seconds, n / cpu_all);
  std::filesystem::remove_all(folder);
  return {};
}

}  // namespace
}  // namespace st::app

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: pipeline_bench PIPELINE.sql [EVENTS] [EVENTS_A_BATCH]\n");
    return 2;
  }
  const auto number = [&](int index, std::int64_t otherwise) {
    return argc > index ? st::ParseInt64(argv[index]).value_or(otherwise) : otherwise;
  };
  const auto done = st::app::Run(argv[1], number(2, 3'000'000), number(3, 500));
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().ToString().c_str());
  return 1;
}
