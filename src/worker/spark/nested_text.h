// Values of DuckDB's memory as Spark writes them: as CAST AS STRING and as to_json does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/chunk.h"

namespace st::worker::spark {

// "{1, [a, null]}", "{k -> v}"; a value alone as its cast.
// Errors: kInvalidArgument: a type that Spark's pipelines have not.
Status AppendText(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                  bool keeps_nulls, std::string& out);
// {"a":1,"b":["x",null]}; fields that are NULL are left out unless `keeps_nulls`.
Status AppendJson(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                  bool keeps_nulls, std::string& out);

}  // namespace st::worker::spark
