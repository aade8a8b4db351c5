#include "jobs/json.h"

namespace st::jobs {

using Json = nlohmann::json;

const Json& ValueAt(const Json& json, std::string_view key) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto at = json.find(key);
  return at == json.end() ? none : *at;
}

std::string StringAt(const Json& json, std::string_view key) {
  const Json& value = ValueAt(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t IntegerAt(const Json& json, std::string_view key, std::int64_t otherwise) {
  const Json& value = ValueAt(json, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

bool BoolAt(const Json& json, std::string_view key, bool otherwise) {
  const Json& value = ValueAt(json, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

std::vector<std::string> StringsFrom(const Json& array) {
  std::vector<std::string> out;
  ForEach(array, [&](const Json& value) {
    if (value.is_string()) out.push_back(value.get<std::string>());
  });
  return out;
}

}  // namespace st::jobs
