#include "log/end_mark.h"

#include "base/coding.h"
#include "base/crc32c.h"

namespace st::log {
namespace {

constexpr std::string_view kName = "end";
constexpr std::string_view kMagic = "STLEND01";
constexpr std::size_t kBytes = 28;

}  // namespace

Status WriteEndMark(os::FileSystem& fs, const std::string& dir, const EndMark& mark) {
  std::string bytes(kMagic);
  AppendLittle(bytes, mark.segment);
  AppendLittle(bytes, mark.position);
  AppendLittle(bytes, Crc32c(bytes));
  return os::WriteFileAtomically(fs, os::JoinPath(dir, std::string(kName)), bytes);
}

Result<std::optional<EndMark>> ReadEndMark(os::FileSystem& fs, const std::string& dir) {
  const auto path = os::JoinPath(dir, std::string(kName));
  const auto bytes = os::ReadWholeFile(fs, path, 1 << 10);
  if (!bytes && bytes.error().code() == ErrorCode::kNotFound) return std::nullopt;
  const std::string_view view(bytes ? *bytes : std::string_view());
  if (view.size() != kBytes || !view.starts_with(kMagic) ||
      Crc32c(view.substr(0, kBytes - 4)) != LoadLittle<std::uint32_t>(view.substr(kBytes - 4))) {
    return Fail(ErrorCode::kCorruption,
                "{}: {}; it only says how far the log was durable: remove it to go without", path,
                bytes ? "damaged" : bytes.error().message());
  }
  return EndMark{.segment = LoadLittle<std::uint64_t>(view.substr(8)),
                 .position = LoadLittle<std::uint64_t>(view.substr(16))};
}

std::string LossBefore(const std::string& dir, const EndMark& mark, std::uint64_t segment,
                       std::uint64_t position) {
  return fmt::format(
      "{}: the log ends in segment {} at byte {}, but was durable up to segment {}, byte {}: "
      "acknowledged records are missing",
      dir, segment, position, mark.segment, mark.position);
}

}  // namespace st::log
