// The functions of Spark that DuckDB lacks, for the SQL of transform jobs: spark_… of each.
#pragma once

#include "base/result.h"
#include "sql/database.h"

namespace st::worker::spark {

// Registers them in the connection's database for good.
Status RegisterFunctions(sql::Connection& connection);

}  // namespace st::worker::spark
