// Makes the next version of a table: its metadata changed, and written as v<N>.metadata.json.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/manifests.h"
#include "lake/table_state.h"

namespace st::lake {

std::string Describe(const TableName& name);  // table default.purchases

// kInvalidArgument: a key or value is not UTF-8; `what` names such a pair.
Status CheckText(const std::map<std::string, std::string>& map, std::string_view what);

// The state from which the version behind `state` is made. Its time is never earlier, and it has
// none of the holds that have ended by then.
TableState NextVersion(os::Clock& clock, const TableState& state);

// Gives the table other columns, as ChangedFields (lake/schema.h) says.
Status ChangeColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata);
// Makes these the columns of a table without rows. One that is there already with its type keeps
// its ids.
void SetColumns(const std::vector<Column>& columns, iceberg::TableMetadata& metadata);

// Sets and takes away properties of `next`; long values go to files (lake/property_files.h).
// Errors: those of CheckText and Storage::Write; kInvalidArgument: properties for other engines
//         grow beyond kMaxPropertiesBytes.
Status SetProperties(TableEnv env, const std::map<std::string, std::string>& properties,
                     const std::vector<std::string>& removed, TableState& next);

// Makes `next` a version that says that the table was dropped; it names no file.
void MarkDropped(TableState& next);

// Creates the file of the state's version, whose metadata is `json`, with its checksum
// (lake/metadata_files.h), and sets state.view. Nothing else writes a version. I7: every file that
// it names was written before.
//
// Errors: those of Storage::CreateIfAbsent.
Status WriteVersion(TableEnv env, std::string_view json, TableState& state);
// The same with the metadata of `state`.
Status WriteVersion(TableEnv env, TableState& state);
// Some readers start at version-hint.text and look for newer versions from there.
void WriteVersionHint(TableEnv env, const TableState& state);

struct NewTable {
  const TableName& name;
  const std::vector<Column>& columns;
  const TableLayout& layout;
};
// Writes the first version of a table in a folder without one, or behind that of a dropped one.
Result<TableState> CreateTable(TableEnv env, const NewTable& table,
                               const std::map<std::string, std::string>& properties);

}  // namespace st::lake
