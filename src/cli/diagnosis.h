// One finding of `steelthread doctor`.
#pragma once

#include <string>

namespace st::cli {

struct Diagnosis {
  std::string area;    // "disk", "log", …
  std::string found;   // the fact, with its numbers
  std::string remedy;  // "": all is well
  bool needs_person = false;
  // The damaged file, or the whole sentence about it, by which what the server and its pipelines
  // say of it is recognised; "": no file is damaged.
  std::string file{};
};

}  // namespace st::cli
