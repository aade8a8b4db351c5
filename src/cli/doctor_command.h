// `steelthread doctor`: checks everything that a server depends on, and prints the remedies.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/config.h"
#include "cli/diagnosis.h"

namespace st::cli {

struct DoctorOptions {
  std::string format = "table";  // or "json": {"needs_person", "findings": [Diagnosis]}
};
// With or without a running server. Exit code 1 if something needs a person. Reads every byte of
// the log and the tables; beside a running server it does so at the lowest priority.
int RunDoctor(const app::Config& config, const DoctorOptions& options);

std::string RenderDiagnoses(const std::vector<Diagnosis>& all);
nlohmann::json ToJson(const std::vector<Diagnosis>& all);

}  // namespace st::cli
