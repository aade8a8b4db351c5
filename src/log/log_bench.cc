// What an append and an opening cost: log_bench FOLDER
#include <cstdio>
#include <latch>

#include "format/record/record_batch.h"
#include "log/local_log.h"
#include "os/clock.h"
#include "os/file_system.h"

namespace st::log {
namespace {

constexpr int kBatches = 400'000;
constexpr int kInFlight = 2'000;
constexpr int kPartitions = 16;

// Appends kBatches small batches, kInFlight at a time, to all partitions in turn.
Status AppendAll(LocalLog& log) {
  ST_TRY(const auto topic, log.CreateTopic("events", kPartitions));
  const std::string batch = record::BuildBatch(
      {{.key = std::nullopt, .value = std::string(100, 'x'), .timestamp_ms = 1, .headers = {}}});
  std::atomic<int> failed = 0;
  for (int sent = 0; sent < kBatches; sent += kInFlight) {
    std::latch done(kInFlight);
    for (int i = 0; i < kInFlight; ++i) {
      log.Append({topic.id, PartitionId(i % kPartitions)}, batch, {}, [&](const auto& result) {
        if (!result) ++failed;
        done.count_down();
      });
    }
    done.wait();
  }
  if (failed > 0) return Fail(ErrorCode::kIo, "{} appends failed", failed.load());
  return {};
}

Status Run(const std::string& dir) {
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  const auto fs = os::MakePosixFileSystem();
  const LogOptions options{.dir = dir};
  {
    ST_TRY(const auto log, LocalLog::Open({*fs, *clock, *random}, options));
    const auto began = clock->MonotonicUs();
    ST_TRY_STATUS(AppendAll(*log));
    const auto us = clock->MonotonicUs() - began;
    std::printf("%d batches: %.0f appends/s, %d to a group\n", kBatches,
                kBatches * 1e6 / static_cast<double>(us), kInFlight);
  }
  for (int round = 0; round < 5; ++round) {
    const auto began = clock->MonotonicUs();
    ST_TRY(const auto log, LocalLog::Open({*fs, *clock, *random}, options));
    std::printf("opened in %.1f ms\n", static_cast<double>(clock->MonotonicUs() - began) / 1e3);
  }
  return {};
}

}  // namespace
}  // namespace st::log

int main(int argc, char** argv) {
  if (argc != 2) {
    std::printf("usage: log_bench FOLDER\n");
    return 2;
  }
  const auto done = st::log::Run(argv[1]);
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
