// What the codecs of messages share: fields of JSON, read without errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace st::jobs {

// The value of a field, or null.
const nlohmann::json& ValueAt(const nlohmann::json& json, std::string_view key);
// The value of a field, or a default where it is missing or of another type.
std::string StringAt(const nlohmann::json& json, std::string_view key);
std::int64_t IntegerAt(const nlohmann::json& json, std::string_view key,
                       std::int64_t otherwise = 0);
bool BoolAt(const nlohmann::json& json, std::string_view key, bool otherwise = false);
// The texts of an array; none where it is no array.
std::vector<std::string> StringsFrom(const nlohmann::json& array);

template <typename T, typename F>
nlohmann::json ArrayOf(const std::vector<T>& values, F&& f) {
  nlohmann::json array = nlohmann::json::array();
  for (const auto& value : values) array.push_back(f(value));
  return array;
}

// Calls `f` with each element; with none where it is no array.
template <typename F>
void ForEach(const nlohmann::json& array, F&& f) {
  if (!array.is_array()) return;
  for (const auto& value : array) f(value);
}

}  // namespace st::jobs
