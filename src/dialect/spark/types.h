// Spark's types, as far as pipelines have them, and their names in DuckDB and Iceberg. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

enum class SparkKind {
  kNull,  // of a bare NULL
  kBoolean,
  kInt,
  kBigint,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,
};

struct SparkType {
  SparkKind kind = SparkKind::kNull;
  int precision = 0;  // kDecimal
  int scale = 0;
  friend bool operator==(const SparkType&, const SparkType&) = default;
  bool is_integer() const { return kind == SparkKind::kInt || kind == SparkKind::kBigint; }
  bool is_numeric() const {
    return is_integer() || kind == SparkKind::kDouble || kind == SparkKind::kDecimal;
  }
};

std::string SparkName(const SparkType& type);    // "DECIMAL(10,2)"
std::string DuckDbName(const SparkType& type);   // "TIMESTAMP WITH TIME ZONE"
std::string IcebergName(const SparkType& type);  // "timestamptz"; kNull has none
// nullopt: not a type of ours.
std::optional<SparkType> TypeFromName(const TypeName& name);

// What both become where Spark needs one type (CASE, coalesce, IN …); nullopt where a value would
// be cast in a way that we do not follow.
std::optional<SparkType> CommonType(const SparkType& a, const SparkType& b);

}  // namespace st::dialect::spark
