// Typed access to a JSON object of unknown shape; internal to format/iceberg.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::iceberg {

// Errors: kCorruption with the path of the key that is missing or of another type.
class JsonReader {
 public:
  // `json` must outlive the reader and all readers made from it.
  JsonReader(const nlohmann::json& json, std::string path) : json_(&json), path_(std::move(path)) {}

  // Present and not null.
  bool Has(const char* key) const { return Find(key) != nullptr; }
  bool IsText(const char* key) const {
    const auto* value = Find(key);
    return value != nullptr && value->is_string();
  }
  // The value of a key that is there, of any type.
  Result<const nlohmann::json*> Value(const char* key) const {
    const auto* value = Find(key);
    if (value == nullptr) return Wrong(key, "there");
    return value;
  }
  Result<std::int64_t> Long(const char* key) const {
    const auto* value = Find(key);
    // A number above INT64_MAX would change its sign.
    if (value == nullptr || !value->is_number_integer() ||
        (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)) {
      return Wrong(key, "an integer");
    }
    return value->get<std::int64_t>();
  }
  Result<int> Int(const char* key) const {
    ST_TRY(const auto value, Long(key));
    if (value != static_cast<int>(value)) return Wrong(key, "a 32-bit integer");
    return static_cast<int>(value);
  }
  Result<bool> Bool(const char* key) const {
    const auto* value = Find(key);
    if (value == nullptr || !value->is_boolean()) return Wrong(key, "true or false");
    return value->get<bool>();
  }
  Result<std::string> Text(const char* key) const {
    if (!IsText(key)) return Wrong(key, "text");
    return Find(key)->get<std::string>();
  }
  Result<std::map<std::string, std::string>> TextMap(const char* key) const {
    const auto* value = Find(key);
    if (value == nullptr || !value->is_object()) return Wrong(key, "an object of text");
    std::map<std::string, std::string> map;
    for (const auto& [name, item] : value->items()) {
      if (!item.is_string()) return Wrong(key, "an object of text");
      map[name] = item.get<std::string>();
    }
    return map;
  }
  Result<std::vector<JsonReader>> List(const char* key) const {
    const auto* value = Find(key);
    if (value == nullptr || !value->is_array()) return Wrong(key, "a list");
    std::vector<JsonReader> list;
    for (const auto& item : *value) {
      list.emplace_back(item, fmt::format("{}{}[{}].", path_, key, list.size()));
    }
    return list;
  }
  Result<std::vector<JsonReader>> OptionalList(const char* key) const {
    if (!Has(key)) return std::vector<JsonReader>();
    return List(key);
  }
  // The members of an object of objects, by name.
  Result<std::map<std::string, JsonReader>> Members(const char* key) const {
    const auto* value = Find(key);
    if (value == nullptr || !value->is_object()) return Wrong(key, "an object");
    std::map<std::string, JsonReader> members;
    for (const auto& [name, item] : value->items()) {
      members.emplace(name, JsonReader(item, fmt::format("{}{}.{}.", path_, key, name)));
    }
    return members;
  }

 private:
  const nlohmann::json* Find(const char* key) const {
    if (!json_->is_object()) return nullptr;
    const auto found = json_->find(key);
    return found == json_->end() || found->is_null() ? nullptr : &*found;
  }
  std::unexpected<Error> Wrong(const char* key, std::string_view want) const {
    return Fail(ErrorCode::kCorruption, "\"{}{}\" is not {}", path_, key, want);
  }

  const nlohmann::json* json_;
  std::string path_;
};

}  // namespace st::iceberg
