// Claims a second while so many keys are remembered: key_store_bench FOLDER KEYS
//
// The keys are written as the store writes them; the log is empty, so nothing is read from it.
#include <cstdio>
#include <cstdlib>

#include "idempotency/key_store.h"
#include "os/file_system.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: key_store_bench FOLDER KEYS\n");
    return 2;
  }
  const std::string folder = argv[1];
  const long keys = std::atol(argv[2]);
  const auto fs = st::os::MakePosixFileSystem();
  const auto clock = st::os::MakeSystemClock();
  const auto random = st::os::MakeSystemRandom();
  auto log = st::log::LocalLog::Open({*fs, *clock, *random}, {.dir = folder + "/log"});
  if (!log) return 1;
  auto answers =
      st::idempotency::KeyStore::Open({*fs, *clock, *random}, **log, {.dir = folder + "/answers"});
  if (!answers) return 1;
  const st::TopicPartition partition{.topic = st::TopicId(random->NewUuid().bytes()),
                                     .partition = st::PartitionId(0)};
  const auto request = (*answers)->hasher().OfRequest({.method = "GET", .target = "/", .body = ""});
  const auto run = [&](long from, long to) {
    const std::int64_t began = clock->MonotonicUs();
    long refused = 0;
    for (long i = from; i < to;) {
      const auto key = "bench-" + std::to_string(i);
      if (!(*answers)->Begin({.key = key}, request)) {
        ++refused;
        continue;
      }
      (*answers)->Finish({.key = key}, {.partition = partition, .offset = st::Offset(i)},
                         clock->NowUs() / 1000);
      ++i;
    }
    const double us = static_cast<double>(clock->MonotonicUs() - began);
    std::printf("%ld claims: %.2f us each, %ld refused and tried again\n", to - from,
                us / static_cast<double>(to - from), refused);
  };
  run(0, keys);
  std::printf("%llu keys remembered\n", static_cast<unsigned long long>((*answers)->status().keys));
  run(keys, keys + 200'000);
  answers->reset();
  (*log)->Stop();
  return 0;
}
