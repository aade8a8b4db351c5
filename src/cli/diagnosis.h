// One finding of `steelthread doctor`.
#pragma once

#include <string>

namespace st::cli {

struct Diagnosis {
  std::string area;    // "disk", "log", …
  std::string found;   // the fact, with its numbers
  std::string remedy;  // "": all is well
  bool needs_person = false;
  std::string file{};  // that is damaged; "" where no file is
};

}  // namespace st::cli
