// Hostile bytes as an entry and as a whole segment must give entries or an error, and no crash.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "log/reader/segment.h"

namespace {

class BytesFile final : public st::os::File {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}
  st::Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    if (position >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(to.size(), bytes_.size() - position);
    std::memcpy(to.data(), bytes_.data() + position, n);
    return n;
  }
  st::Status WriteAt(std::uint64_t, std::string_view) override { return {}; }
  st::Status WriteAllAt(std::uint64_t, std::span<const std::string_view>) override { return {}; }
  st::Status Sync() override { return {}; }
  st::Status Allocate(std::uint64_t) override { return {}; }
  st::Status Truncate(std::uint64_t) override { return {}; }
  st::Result<std::uint64_t> Size() override { return bytes_.size(); }
  st::Result<std::uint64_t> SizeAt(const std::string&) const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string_view payload;
  st::Ignore(st::log::DecodeEntry(bytes, payload), "hostile input");
  st::Ignore(st::log::DecodeSegmentHeader(bytes), "hostile input");
  BytesFile file(bytes);
  st::log::SegmentHeader header;
  header.first_lsn = st::Lsn(1);
  for (const bool past : {false, true}) {
    const auto visit = [](std::uint64_t, const st::log::EntryHeader&,
                          std::string_view) -> st::Status { return {}; };
    st::Ignore(st::log::ScanSegment(file, header, {.is_last = true, .past_damage = past}, visit),
               "hostile input");
  }
  return 0;
}
