// A file of keys of any bytes opens or is refused, and no look-up leaves it.
#include <algorithm>

#include "base/check.h"
#include "idempotency/key_run.h"

namespace {

class BytesFile final : public st::os::File {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}
  st::Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    if (position >= bytes_.size()) return 0;
    const auto part = bytes_.substr(position, to.size());
    std::ranges::copy(part, to.begin());
    return part.size();
  }
  st::Result<std::uint64_t> Size() override { return bytes_.size(); }
  st::Status WriteAt(std::uint64_t /*position*/, std::string_view /*bytes*/) override {
    return Refuse();
  }
  st::Status WriteAllAt(std::uint64_t /*position*/,
                        std::span<const std::string_view> /*parts*/) override {
    return Refuse();
  }
  st::Status Sync() override { return Refuse(); }
  st::Status Allocate(std::uint64_t /*size*/) override { return Refuse(); }
  st::Status Truncate(std::uint64_t /*size*/) override { return Refuse(); }
  st::Result<std::uint64_t> SizeAt(const std::string& /*path*/) const override {
    return bytes_.size();
  }

 private:
  static st::Status Refuse() { return st::Fail(st::ErrorCode::kUnsupported, "read only"); }
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto run = st::idempotency::KeyRun::Open(std::make_unique<BytesFile>(bytes), "run");
  if (!run) return 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const auto found = (*run)->Find({.high = i << 58, .low = i * 0x9E3779B97F4A7C15});
    ST_CHECK(found || found.error().code() == st::ErrorCode::kCorruption);
  }
  std::uint64_t entries = 0;
  for (std::uint64_t block = 0; block < (*run)->blocks(); ++block) {
    const auto read = (*run)->Block(block);
    if (!read) return 0;
    entries += read->size();
  }
  ST_CHECK(entries == (*run)->count());
  return 0;
}
