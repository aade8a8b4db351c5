// The names that fields of structs have in data files.
//
// DuckDB reads columns by id, but the fields of structs by name. So a field of a struct keeps one
// name in all data files, whatever its name becomes: its first one, with its id behind that where
// another field of the struct had the name before. The names follow from the schemas in the
// metadata, and from the property kFileNamesProperty for schemas that were removed from it.
//
// Format: docs/formats/lake.md
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/nested_type.h"
#include "base/result.h"
#include "format/iceberg/table_metadata.h"

namespace st::lake {

inline constexpr const char* kFileNamesProperty = "steelthread.file-names";

class FileNames {
 public:
  // `remembered` is the text of kFileNamesProperty; "": no schema was removed.
  // kCorruption: it cannot be read.
  static Result<FileNames> Of(const iceberg::TableMetadata& metadata, std::string_view remembered);

  // Sets the names of the fields in `type`.
  void Set(NestedType& type) const;
  // The names, as the property has them; "": there are none.
  std::string Encode() const;

 private:
  struct Name {
    int owner = 0;  // the id of the struct
    std::string name;
  };

  Status AddRemembered(std::string_view json);
  void Add(const NestedField& owner);

  std::map<int, Name> names_;                    // by the field's id
  std::set<std::pair<int, std::string>> taken_;  // by the id of the struct, in lower case
};

}  // namespace st::lake
