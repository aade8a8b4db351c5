// Composes an event's payload from its declaration and a request. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/declaration.h"

namespace st::event {

// Names and values as the client sent them, in its order; bytes are taken as latin-1.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The payload of the course's Flask application: json.dumps of the declared fields, updated with
// the request's headers. Host, then the fields in declared order, then the other headers by name; a
// header with a field's name replaces its value.
// Header names are as WSGI and Werkzeug make them: Title-Case; none with "_" in it; values of one
// name joined by ",", but of Content-Type and Content-Length the last alone, and not if empty.
// `values` holds the JSON of each field, "" for one that is left out; no header replaces a field
// that is no constant. Without `values` every field is a constant.
std::string Payload(const Declaration& declaration, const Headers& headers,
                    const std::vector<std::string>& values = {});

// Whether a header can come with this name, and so replace a constant's value.
bool IsHeaderName(std::string_view name);

}  // namespace st::event
