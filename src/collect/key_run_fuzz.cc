// A file of keys of any bytes opens or is refused, and no look-up leaves it.
#include "base/check.h"
#include "collect/key_run.h"
#include "os/testing/memory_file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  st::os::testing::MemoryFileSystem fs;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ST_CHECK(st::os::WriteNewFile(fs, "/run", bytes).has_value());
  const auto run = st::collect::KeyRun::Open(fs, "/run");
  if (!run) return 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const auto found = (*run)->Find({.high = i << 58, .low = i * 0x9E3779B97F4A7C15});
    ST_CHECK(found || found.error().code() == st::ErrorCode::kCorruption);
  }
  std::uint64_t entries = 0;
  const auto all = (*run)->ForEach([&](const st::collect::KeyEntry&) -> st::Status {
    ++entries;
    return {};
  });
  ST_CHECK(!all || entries == (*run)->count());
  return 0;
}
