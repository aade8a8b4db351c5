#include "format/statement/error_kind.h"

#include <algorithm>
#include <array>

namespace st::statement {
namespace {

struct Known {
  std::string_view name;
  int code;
};

constexpr int kFirstInternal = 65536;
constexpr int kFirstResource = 131072;

// The errors of Trino's StandardErrorCode that this server or its clients meet.
constexpr std::array kKnown{
    Known{"GENERIC_USER_ERROR", 0},
    Known{"SYNTAX_ERROR", 1},
    Known{"ABANDONED_QUERY", 2},
    Known{"USER_CANCELED", 3},
    Known{"PERMISSION_DENIED", 4},
    Known{"NOT_FOUND", 5},
    Known{"FUNCTION_NOT_FOUND", 6},
    Known{"INVALID_FUNCTION_ARGUMENT", 7},
    Known{"DIVISION_BY_ZERO", 8},
    Known{"INVALID_CAST_ARGUMENT", 9},
    Known{"OPERATOR_NOT_FOUND", 10},
    Known{"ALREADY_EXISTS", 12},
    Known{"NOT_SUPPORTED", 13},
    Known{"INVALID_SESSION_PROPERTY", 14},
    Known{"NUMERIC_VALUE_OUT_OF_RANGE", 19},
    Known{"SUBQUERY_MULTIPLE_ROWS", 28},
    Known{"QUERY_REJECTED", 31},
    Known{"AMBIGUOUS_FUNCTION_CALL", 32},
    Known{"QUERY_TEXT_TOO_LARGE", 35},
    Known{"ADMINISTRATIVELY_KILLED", 38},
    Known{"TYPE_NOT_FOUND", 43},
    Known{"CATALOG_NOT_FOUND", 44},
    Known{"SCHEMA_NOT_FOUND", 45},
    Known{"TABLE_NOT_FOUND", 46},
    Known{"COLUMN_NOT_FOUND", 47},
    Known{"DUPLICATE_NAMED_QUERY", 53},
    Known{"DUPLICATE_COLUMN_NAME", 54},
    Known{"MISSING_CATALOG_NAME", 56},
    Known{"MISSING_SCHEMA_NAME", 57},
    Known{"TYPE_MISMATCH", 58},
    Known{"INVALID_LITERAL", 59},
    Known{"AMBIGUOUS_NAME", 62},
    Known{"INVALID_COLUMN_REFERENCE", 63},
    Known{"MISSING_GROUP_BY", 64},
    Known{"NESTED_AGGREGATION", 67},
    Known{"EXPRESSION_NOT_AGGREGATE", 73},
    Known{"EXPRESSION_NOT_SCALAR", 74},
    Known{"EXPRESSION_NOT_CONSTANT", 75},
    Known{"INVALID_ARGUMENTS", 76},
    Known{"INVALID_PARAMETER_USAGE", 80},
    Known{"INVALID_LIMIT_CLAUSE", 90},
    Known{"GENERIC_INTERNAL_ERROR", kFirstInternal},
    Known{"PAGE_TOO_LARGE", 65538},
    Known{"SERVER_SHUTTING_DOWN", 65545},
    Known{"GENERIC_INSUFFICIENT_RESOURCES", kFirstResource},
    Known{"EXCEEDED_GLOBAL_MEMORY_LIMIT", 131073},
    Known{"QUERY_QUEUE_FULL", 131074},
    Known{"EXCEEDED_TIME_LIMIT", 131075},
    Known{"EXCEEDED_CPU_LIMIT", 131077},
    Known{"EXCEEDED_LOCAL_MEMORY_LIMIT", 131079},
    Known{"EXCEEDED_SCAN_LIMIT", 131081},
};

}  // namespace

ErrorKind KindOf(std::string_view error_name) {
  const auto known = std::ranges::find(kKnown, error_name, &Known::name);
  const int code = known == kKnown.end() ? kFirstInternal : known->code;
  if (code >= kFirstResource) return {code, "INSUFFICIENT_RESOURCES"};
  if (code >= kFirstInternal) return {code, "INTERNAL_ERROR"};
  return {code, "USER_ERROR"};
}

}  // namespace st::statement
