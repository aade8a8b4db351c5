// Players who call the declared routes, each as often as its declaration says.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "client/load/script.h"
#include "event/declaration.h"

namespace st::client::load {

// The member that gives the frequency of an event: Declaration::weight or ::rate.
enum class Share { kWeight, kRate };

// kInvalidArgument: no declaration has a route and a share above 0.
Result<std::unique_ptr<Script>> MakeEventScript(std::vector<event::Declaration> declarations,
                                                Share share);

// Requests a second of all declared routes together.
double DeclaredRate(const std::vector<event::Declaration>& declarations);

}  // namespace st::client::load
