#include "lake/file_names.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace st::lake {

namespace {

using Json = nlohmann::json;

bool IsName(const Json& one) {
  return one.is_array() && one.size() == 3 && one[0].is_number_integer() &&
         one[1].is_number_integer() && one[2].is_string();
}

}  // namespace

Result<FileNames> FileNames::Of(const iceberg::TableMetadata& metadata,
                                std::string_view remembered) {
  FileNames names;
  if (!remembered.empty()) ST_TRY_STATUS(names.AddRemembered(remembered));
  for (const auto& schema : metadata.schemas) {
    for (const auto& field : schema.fields) {
      if (!field.type.starts_with('{')) continue;
      if (auto type = ParseType(field.type)) {
        names.Add({.id = field.id, .name = field.name, .type = std::move(*type), .doc = {}});
      }
    }
  }
  return names;
}

Status FileNames::AddRemembered(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_array()) {
    return Fail(ErrorCode::kCorruption, "property {} is damaged", kFileNamesProperty);
  }
  for (const auto& one : json) {
    if (!IsName(one)) {
      return Fail(ErrorCode::kCorruption, "property {} is damaged: {}", kFileNamesProperty,
                  one.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    Name name{.owner = one[0].get<int>(), .name = one[2].get<std::string>()};
    taken_.emplace(name.owner, AsciiLower(name.name));
    names_.emplace(one[1].get<int>(), std::move(name));
  }
  return {};
}

void FileNames::Add(const NestedField& owner) {
  for (const auto& field : owner.type.fields) {
    Add(field);
    if (owner.type.shape != TypeShape::kStruct || names_.contains(field.id)) continue;
    auto name = field.name;
    if (!taken_.emplace(owner.id, AsciiLower(name)).second) {
      name += fmt::format("_{}", field.id);
      while (!taken_.emplace(owner.id, AsciiLower(name)).second) name += '_';
    }
    names_.emplace(field.id, Name{.owner = owner.id, .name = std::move(name)});
  }
}

void FileNames::Set(NestedType& type) const {
  for (auto& field : type.fields) {
    const auto known = names_.find(field.id);
    if (type.shape == TypeShape::kStruct && known != names_.end()) {
      field.file_name = known->second.name == field.name ? "" : known->second.name;
    }
    Set(field.type);
  }
}

std::string FileNames::Encode() const {
  if (names_.empty()) return "";
  auto json = Json::array();
  for (const auto& [id, name] : names_) json.push_back({name.owner, id, name.name});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace st::lake
