// `steelthread doctor`: looks at everything that a server depends on, and says what to do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/config.h"

namespace st::cli {

struct Diagnosis {
  std::string area;    // "disk", "log", …
  std::string found;   // what is, with its numbers
  std::string remedy;  // "": all is well
  bool needs_person = false;
};

struct DoctorOptions {
  std::string format = "table";  // or "json": {"needs_person", "findings": [Diagnosis]}
};
// With or without a running server. Exit code 1 if something needs a person. Checks every byte of
// the log and the files of every table while no server runs; a running one checks them itself and
// is asked.
int RunDoctor(const app::Config& config, const DoctorOptions& options);

std::string RenderDiagnoses(const std::vector<Diagnosis>& all);
nlohmann::json ToJson(const std::vector<Diagnosis>& all);

}  // namespace st::cli
