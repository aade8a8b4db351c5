// A topic as a request names it.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"

namespace st::kafka {

// By its name, or in versions that do so by its id alone (KIP-516).
struct AskedTopic {
  std::string_view name = {};  // "" where the id names it
  std::optional<TopicId> id = {};
};

}  // namespace st::kafka
