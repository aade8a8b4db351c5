// Where the value of kPositionProperty is kept: in the table's properties and in the summary of
// each snapshot, or, where it is long, in a file that both name. So a version of the metadata stays
// small however many positions its history has.
//
// Format: docs/formats/lake.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/iceberg/table_metadata.h"
#include "lake/storage.h"
#include "lake/table_folder.h"
#include "os/random.h"

namespace st::lake {

// In place of kPositionProperty where the value lies in a file: its URI.
inline constexpr const char* kPositionFileProperty = "steelthread.offsets-file";

struct Position {
  std::string text;  // the value; "": the table has none
  std::string file;  // location of the file that has it; "": the properties have it
};

bool IsPositionFileName(std::string_view name);

// Gives `metadata` the position `text`: its properties name it as they are stored. Writes a file if
// `text` is long and not that of `position`, which it replaces.
//
// Durable: the file's bytes, not its name.
Status StorePosition(Storage& storage, os::Random& random, const TableFolder& folder,
                     std::string text, Position& position, iceberg::TableMetadata& metadata);

// The position that properties, or the summary of a snapshot, name; one without text: none.
// Errors: kCorruption, the file is missing or lies elsewhere; kIo.
Result<Position> ReadPosition(Storage& storage, const TableFolder& folder,
                              const std::map<std::string, std::string>& properties);

// Location of the file that a snapshot names for its position, if any.
std::optional<std::string> PositionFileOf(const TableFolder& folder,
                                          const iceberg::Snapshot& snapshot);

}  // namespace st::lake
