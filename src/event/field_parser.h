// One field of a declaration's [fields]; internal to event.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "event/declaration.h"

namespace st::event {

// "; did you mean \"route\"?", or "".
std::string Meant(std::string_view name, const std::vector<std::string>& known);

// The properties of its event on which a field depends.
struct FieldContext {
  const std::string& file;
  const std::vector<std::string>& path_variables;
  const std::vector<std::string>& methods;
};

// A scalar is a constant, a table declares where the value comes from.
Result<Field> ParseField(const toml::key& key, const toml::node& node, const FieldContext& context);

}  // namespace st::event
