// The status document of a server as text for people.
//
// Threads: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace st::cli {

// `all`: also the pipelines and tables that have neither rows nor trouble.
std::string RenderStatus(const nlohmann::json& status, bool all);

}  // namespace st::cli
