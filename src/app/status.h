// The status document: what a running server holds and how far each part has come.
#pragma once

#include <nlohmann/json.hpp>

#include "log/log.h"

namespace st::app {

// [{"name", "partitions": [{"partition", "start_offset", "end_offset"}]}], by name.
nlohmann::json TopicsStatus(const log::Log& log);

}  // namespace st::app
