// What beginning a segment costs with every limit at its maximum: roll_bench FOLDER
#include <cstdio>

#include "log/largest_state.h"
#include "log/segment_writer.h"
#include "os/clock.h"
#include "os/file_system.h"

namespace st::log {
namespace {

int Run(const std::string& dir) {
  const auto clock = os::MakeSystemClock();
  const auto fs = os::MakePosixFileSystem();
  if (!fs->CreateDirs(dir)) return 1;
  const LogState state = LargestState();
  const LogOptions options{.dir = dir};
  SegmentWriter writer(*fs, options);
  for (std::uint64_t round = 1; round <= 5; ++round) {
    const auto began = clock->MonotonicUs();
    const std::string checkpoint = state.EncodeCheckpoint();
    const auto encoded = clock->MonotonicUs();
    EntryHeader header{.type = EntryType::kCheckpoint, .lsn = Lsn(1)};
    std::string entry;
    EncodeEntryHeader(header, checkpoint, entry);
    entry += checkpoint;
    const auto done = writer.Start({.sequence = round, .log_id = {}, .first_lsn = Lsn(1)}, entry);
    const auto written = clock->MonotonicUs();
    if (!done) {
      std::printf("%s\n", done.error().message().c_str());
      return 1;
    }
    std::printf("%.1f MB of state: %.1f ms to encode, %.1f ms to checksum, write and sync\n",
                static_cast<double>(checkpoint.size()) / 1e6,
                static_cast<double>(encoded - began) / 1e3,
                static_cast<double>(written - encoded) / 1e3);
  }
  return 0;
}

}  // namespace
}  // namespace st::log

int main(int argc, char** argv) {
  if (argc != 2) {
    std::printf("usage: roll_bench FOLDER\n");
    return 2;
  }
  return st::log::Run(argv[1]);
}
