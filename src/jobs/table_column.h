// A column of an Iceberg table, as jobs name it.
#pragma once

#include <string>

namespace st::jobs {

struct TableColumn {
  int id = 0;  // Iceberg field id
  std::string name;
  std::string type;  // as base/nested_type.h writes it, with the names in data files
};

}  // namespace st::jobs
