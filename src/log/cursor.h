// Reads the fields of a checkpoint off its front. A field that is cut short reads as zero, and
// ok() is false from then on.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/ids.h"

namespace st::log {

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <std::integral T>
  T Take() {
    const auto raw = TakeBytes(sizeof(T));
    return raw.size() == sizeof(T) ? LoadLittle<T>(raw) : T{};
  }
  std::string_view TakeBytes(std::size_t n) {
    if (bytes_.size() < n) {
      ok_ = false;
      return {};
    }
    const auto taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  TopicId TakeTopicId() {
    std::array<std::uint8_t, 16> id{};
    const auto raw = TakeBytes(id.size());
    if (raw.size() == id.size()) std::memcpy(id.data(), raw.data(), id.size());
    return TopicId(id);
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

inline void AppendId(std::string& out, const TopicId& id) {
  out.append(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
}

}  // namespace st::log
