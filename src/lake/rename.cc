#include "lake/rename.h"

#include <fmt/format.h>

namespace st::lake {

namespace {

std::string Text(const TableName& name, std::int64_t version) {
  return fmt::format("{}.{} version {}", name.schema, name.name, version);
}

}  // namespace

std::string RenamedFrom(const TableState& state) { return Text(state.name, state.version); }

RenameEnd EndOfRename(const View& renamed, const View& old) {
  const auto property = renamed.properties.find(kRenamedFromProperty);
  const bool is_pair = property != renamed.properties.end() && renamed.name != old.name &&
                       renamed.table_uuid == old.table_uuid;
  if (!is_pair) return RenameEnd::kNone;
  const auto from = Text(old.name, old.version);
  if (property->second == from) return RenameEnd::kDropOld;
  // A chain of renames keeps the property of the last one alone.
  const bool is_this_table =
      property->second.starts_with(Text(old.name, 0).substr(0, from.rfind(' ')));
  return is_this_table ? RenameEnd::kDropNew : RenameEnd::kNone;
}

}  // namespace st::lake
