// Spark's names of the types that pipelines have, and Spark's rule for the common type of two.
// Pure.
//
// Spark's TIMESTAMP is TypeKind::kTimestampTz, and its TIMESTAMP_NTZ kTimestamp; it has no kTime
// and kUuid here.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "dialect/spark/ast.h"
#include "dialect/type.h"

namespace st::dialect::spark {

// "DECIMAL(10,2)", "STRUCT<a: INT, b: ARRAY<STRING>>"; "VOID" for a bare NULL.
std::string SparkName(const Type& type);
// As typeof() shows it: "decimal(10,2)", "struct<a:int,b:array<string>>".
std::string SimpleName(const Type& type);
// nullopt: not a type of ours, or one of its parts is none.
std::optional<Type> TypeFromName(const TypeName& name);
// The part for which TypeFromName has no type. Requires: there is one.
const TypeName& UnknownPart(const TypeName& name);

// What both become where Spark needs one type (CASE, coalesce, IN …); nullopt where a value would
// be cast in a way that we do not follow.
std::optional<Type> CommonType(const Type& a, const Type& b);

// The common type of two where `common` gives that of primitives: of arrays and maps by their
// parts, of structs with the same names by their fields.
using CommonRule = std::function<std::optional<Type>(const Type& a, const Type& b)>;
std::optional<Type> CommonNested(const Type& a, const Type& b, const CommonRule& common);

}  // namespace st::dialect::spark
