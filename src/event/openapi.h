// Declared events as parts of OpenAPI 3.1 and as JSON Schema 2020-12. Pure.
#pragma once

#include <string>

#include "event/declaration.h"

namespace st::event {

// The payload's schema, as one line of JSON; "" for a plain-text event.
std::string JsonSchema(const Declaration& event);
// The same without "$schema", as a part of an OpenAPI document.
std::string OpenApiSchema(const Declaration& event);
// The operation object of one method of the event's route: parameters, body and answers.
std::string OpenApiOperation(const Declaration& event, const std::string& method);

}  // namespace st::event
