// A column of an Iceberg table, as jobs name it.
#pragma once

#include <string>

namespace st::jobs {

struct TableColumn {
  int id = 0;  // Iceberg field id
  std::string name;
  std::string type;  // Iceberg primitive: boolean int long float double date time timestamp
                     // timestamptz string binary uuid decimal(p, s)
};

}  // namespace st::jobs
