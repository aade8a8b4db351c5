#include "lake/checked_files.h"

#include "lake/checksum.h"
#include "lake/limits.h"

namespace st::lake {

Result<std::uint32_t> CheckedFiles::ChecksumOfNew(const std::string& location, std::uint64_t size) {
  // The identity before the bytes: what is written meanwhile is noticed.
  const auto identity = storage_.Identity(location);
  ST_TRY(const auto crc, ChecksumOf(storage_, location, size));
  if (identity) known_.With([&](auto& known) { known[location] = *identity; });
  return crc;
}

Status CheckedFiles::Check(const DataFile& file) {
  const auto identity = storage_.Identity(file.location);
  const bool is_known = identity && known_.With([&](const auto& known) {
    const auto found = known.find(file.location);
    return found != known.end() && found->second == *identity;
  });
  if (is_known) return {};
  ST_TRY_STATUS(CheckDataFile(storage_, file));
  if (identity) known_.With([&](auto& known) { known[file.location] = *identity; });
  return {};
}

void CheckedFiles::Forget(const View& view) {
  known_.With([&](auto& known) {
    if (known.size() < 2 * view.files.size() + kFewCheckedFiles) return;
    std::erase_if(known, [&](const auto& one) { return !view.files.Contains(one.first); });
  });
}

}  // namespace st::lake
