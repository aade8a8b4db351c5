#include "os/text_file.h"

namespace st::os {

Result<std::string> TextOfEditor(std::string bytes, const std::string& name) {
  constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
  const std::string_view start = std::string_view(bytes).substr(0, 2);
  if (start == "\xFF\xFE" || start == "\xFE\xFF") {
    return Fail(ErrorCode::kInvalidArgument, "{}:1:1: the file is UTF-16; save it as UTF-8", name);
  }
  if (const auto nul = bytes.find('\0'); nul != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "{}: byte {} is NUL: the file is no text, or UTF-16; save it as UTF-8", name, nul);
  }
  if (bytes.starts_with(kUtf8Mark)) bytes.erase(0, kUtf8Mark.size());
  std::size_t to = 0;
  for (std::size_t from = 0; from < bytes.size(); ++from) {
    const bool ends_line =
        bytes[from] == '\r' && from + 1 < bytes.size() && bytes[from + 1] == '\n';
    if (!ends_line) bytes[to++] = bytes[from];
  }
  bytes.resize(to);
  return bytes;
}

Result<std::string> ReadTextFile(FileSystem& fs, const std::string& path,
                                 std::uint64_t limit_bytes) {
  ST_TRY(auto bytes, ReadWholeFile(fs, path, limit_bytes));
  return TextOfEditor(std::move(bytes), path);
}

}  // namespace st::os
