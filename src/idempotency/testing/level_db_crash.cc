#include "idempotency/testing/level_db_crash.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "idempotency/testing/level_db_env.h"
#include "idempotency/testing/level_db_keys.h"
#include "os/testing/memory_file_system.h"

namespace st::idempotency::testing {
namespace {

constexpr std::int64_t kStartMs = 1'700'000'000'000;

KeyEntry EntryOf(std::int64_t number, std::int64_t time_ms) {
  const auto hash = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15;
  return {.hash = {.high = hash, .low = hash + 1},
          .partition = {},
          .offset = number,
          .time_ms = time_ms};
}

}  // namespace

Result<long> CrashLevelDb(os::Random& random) {
  os::testing::MemoryFileSystem fs;
  std::atomic<std::int64_t> steps_left = static_cast<std::int64_t>(random.Next() % 400);
  std::unique_ptr<os::testing::MemoryFileSystem> left;
  std::int64_t synced = 0;
  {
    LevelDbEnv env(fs);
    auto keys = LevelDbKeys::Open({.dir = "/keys", .write_buffer_bytes = 64 << 10, .env = &env});
    fs.SetHook([&](const std::string&, const std::string&) -> Status {
      if (--steps_left >= 0) return {};
      return Fail(ErrorCode::kIo, "the disk is gone");
    });
    for (std::int64_t at = 0; keys;) {
      std::vector<KeyEntry> entries;
      for (int i = 0; i < 100; ++i, ++at) entries.push_back(EntryOf(at, kStartMs + at * 100));
      const bool is_synced = random.Next() % 4 == 0;
      if (!(*keys)->Add(entries, at, is_synced)) break;
      if (is_synced) synced = at;
    }
    left = fs.Crash(random);
  }
  LevelDbEnv env(*left);
  ST_TRY(const auto keys, LevelDbKeys::Open({.dir = "/keys", .env = &env}));
  ST_TRY(const std::int64_t covered, keys->Covered());
  long missing = 0;
  for (std::int64_t i = 0; i < std::max(covered, synced); ++i) {
    ST_TRY(const auto found, keys->Find(EntryOf(i, 0).hash, 0));
    if (!found) ++missing;
  }
  return missing;
}

}  // namespace st::idempotency::testing
