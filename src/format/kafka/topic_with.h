// A topic of a request or an answer, with its partitions.
#pragma once

#include <string_view>
#include <vector>

namespace st::kafka {

template <typename Partition>
struct TopicWith {
  std::string_view name;
  std::vector<Partition> partitions;
};

}  // namespace st::kafka
