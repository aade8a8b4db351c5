#include "jobs/output_path.h"

#include <fmt/format.h>

#include <string_view>

#include "base/ids.h"

namespace st::jobs {

std::string OutputPath(const std::string& base, std::size_t index) {
  if (index == 0) return base;
  constexpr std::string_view kEnd = ".parquet";
  constexpr std::size_t kUuidCharacters = 36;
  const auto plain = fmt::format("{}.{}", base, index);
  if (!base.ends_with(kEnd) || base.size() < kUuidCharacters + kEnd.size()) return plain;
  const auto begin = base.size() - kEnd.size() - kUuidCharacters;
  const auto uuid = Uuid::Parse(std::string_view(base).substr(begin, kUuidCharacters));
  if (!uuid) return plain;
  auto bytes = uuid->bytes();
  for (std::size_t i = bytes.size(), carry = index; i > 0 && carry > 0; --i) {
    carry += bytes[i - 1];
    bytes[i - 1] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return base.substr(0, begin) + Uuid(bytes).ToString() + std::string(kEnd);
}

}  // namespace st::jobs
