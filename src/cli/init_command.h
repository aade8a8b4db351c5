// `steelthread init`: a small project of one's own, to change.
#pragma once

#include <string>

namespace st::cli {

struct InitOptions {
  std::string folder = ".";
  std::string name;  // "": the folder's
};
// Writes two events, a pipeline, steelthread.toml and a README into the folder, which is made where
// it is missing. Refuses a folder that has any of these, and writes nothing then.
int RunInit(const InitOptions& options);

}  // namespace st::cli
