// Spark's names of the types that pipelines have, and Spark's rule for the common type of two.
// Pure.
//
// Spark's TIMESTAMP is TypeKind::kTimestampTz; it has no kFloat, kTime, kTimestamp and kUuid here.
#pragma once

#include <optional>
#include <string>

#include "base/column_type.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

std::string SparkName(const ColumnType& type);  // "DECIMAL(10,2)"; "VOID" for a bare NULL
// nullopt: not a type of ours.
std::optional<ColumnType> TypeFromName(const TypeName& name);

// What both become where Spark needs one type (CASE, coalesce, IN …); nullopt where a value would
// be cast in a way that we do not follow.
std::optional<ColumnType> CommonType(const ColumnType& a, const ColumnType& b);

}  // namespace st::dialect::spark
