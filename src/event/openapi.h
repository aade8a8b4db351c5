// Declared events as OpenAPI 3.1 and JSON Schema 2020-12. Pure.
#pragma once

#include <string>
#include <vector>

#include "event/declaration.h"

namespace st::event {

// The payload's schema, as one line of JSON; "" for a plain-text event.
std::string JsonSchema(const Declaration& event);
// The document of /openapi.json: every route with its parameters, body and answers, every event's
// schema under components/schemas.
std::string OpenApi(const std::vector<Declaration>& events);

}  // namespace st::event
