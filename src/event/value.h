// A field's value: from text or JSON, checked against what the declaration allows. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/declaration.h"

namespace st::event {

// What is allowed, in words: "an int from 1 to 10".
std::string Allowed(const Field& field);
// The JSON of `text` (UTF-8, of a path, query, form or header) as the field's type, not yet checked
// against its range; nullopt if it is none.
std::optional<std::string> JsonOfText(FieldType type, std::string_view text);
// Why a JSON scalar is no value of the field, or nullopt where it is one.
std::optional<std::string> FaultOf(const Field& field, std::string_view json);
// As Python writes it: 1.5, 2.0, 1e+16.
std::string DoubleJson(double value);
// RFC 3339: "2026-11-27T10:00:00Z", a fraction and an offset may stand in it; years 0001 to 9999.
bool IsTimestamp(std::string_view text);

}  // namespace st::event
