#include "lake/rename.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"

namespace st::lake {

namespace {

constexpr std::string_view kNumber = " rename ";

// "default.purchases version 17", which the number of the rename follows.
std::string Text(const TableName& name, std::int64_t version) {
  return fmt::format("{}.{} version {}{}", name.schema, name.name, version, kNumber);
}

// The property; "" if the table was never renamed.
std::string PropertyOf(const std::map<std::string, std::string>& properties) {
  const auto property = properties.find(kRenamedFromProperty);
  return property == properties.end() ? "" : property->second;
}

// How many renames the table has been through.
std::int64_t RenamesOf(const std::map<std::string, std::string>& properties) {
  const auto property = PropertyOf(properties);
  const auto at = property.rfind(kNumber);
  if (at == property.npos) return 0;
  return ParseInt64(std::string_view(property).substr(at + kNumber.size())).value_or(0);
}

}  // namespace

std::string RenamedFrom(const TableState& state) {
  return fmt::format("{}{}", Text(state.name, state.version),
                     RenamesOf(state.metadata.properties) + 1);
}

RenameEnd EndOfRename(const View& renamed, const View& old) {
  const bool is_pair = renamed.name != old.name && renamed.table_uuid == old.table_uuid &&
                       RenamesOf(renamed.properties) > RenamesOf(old.properties);
  if (!is_pair) return RenameEnd::kNone;
  const bool is_as_renamed =
      PropertyOf(renamed.properties).starts_with(Text(old.name, old.version));
  return is_as_renamed ? RenameEnd::kDropOld : RenameEnd::kDropNew;
}

}  // namespace st::lake
