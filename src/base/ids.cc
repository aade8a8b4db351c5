#include "base/ids.h"

#include "base/coding.h"
#include "base/text.h"

namespace st {

std::string Uuid::ToString() const {
  const std::string hex = HexEncode(BytesOf(*this));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

std::optional<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex.push_back(text[i]);
  }
  const auto raw = HexDecode(hex);
  if (!raw || raw->size() != 16) return std::nullopt;
  return LoadUuid(*raw);
}

std::string TopicPosition::ToString() const {
  return fmt::format("{}/{}:{}", topic, partition, offset);
}

}  // namespace st
