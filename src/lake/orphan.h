// A file in a table's folder that nothing names.
#pragma once

#include <cstdint>
#include <string>

namespace st::lake {

struct Orphan {
  std::string location;
  std::int64_t bytes = 0;
  std::int64_t modified_us = 0;   // when its bytes last changed, since the epoch
  std::int64_t removable_us = 0;  // before, a commit that runs may still need it; since the epoch
};

}  // namespace st::lake
