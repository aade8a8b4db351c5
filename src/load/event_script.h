// Players who call the declared routes, each as often as its weight says.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"
#include "load/script.h"

namespace st::load {

// kInvalidArgument: no declaration has a route and a weight above 0.
Result<std::unique_ptr<Script>> MakeEventScript(std::vector<event::Declaration> declarations);

}  // namespace st::load
