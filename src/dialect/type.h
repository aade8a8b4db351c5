// The type of a value in a plan: a primitive of base/column_type.h, or a struct, list or map as
// base/nested_type.h describes it. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/column_type.h"
#include "base/nested_type.h"

namespace st::dialect {

// A length of time, which values inside an expression may be and a column may not.
enum class IntervalKind {
  kNone,
  kYearMonth,  // months, an INTEGER of DuckDB
  kDayTime,    // microseconds, a BIGINT
  kCalendar,   // months, days and microseconds, an INTERVAL
};

struct Type {
  TypeKind kind = TypeKind::kUnknown;  // of a nested type and of an interval kUnknown
  // Of an interval the front end's numbers of its first and its last field.
  int precision = 0;
  int scale = 0;
  std::shared_ptr<const NestedType> nested = nullptr;  // null: a primitive
  IntervalKind interval = IntervalKind::kNone;

  // Of a bare NULL, and of the elements of an array without elements.
  bool is_void() const { return kind == TypeKind::kUnknown && nested == nullptr && !is_interval(); }
  bool is_interval() const { return interval != IntervalKind::kNone; }
  bool is_integer() const { return kind == TypeKind::kInt || kind == TypeKind::kLong; }
  bool is_numeric() const {
    return is_integer() || kind == TypeKind::kFloat || kind == TypeKind::kDouble ||
           kind == TypeKind::kDecimal;
  }
  bool is_struct() const { return nested != nullptr && nested->shape == TypeShape::kStruct; }
  bool is_list() const { return nested != nullptr && nested->shape == TypeShape::kList; }
  bool is_map() const { return nested != nullptr && nested->shape == TypeShape::kMap; }
};

bool operator==(const Type& a, const Type& b);

// A field's type. A primitive without a name is that of a bare NULL.
Type TypeOf(const NestedType& type);
NestedType NestedOf(const Type& type);

using NamedType = std::pair<std::string, Type>;
Type StructOf(const std::vector<NamedType>& fields);
Type ListOf(const Type& element);
Type MapOf(const Type& key, const Type& value);

// Requires: the type is of that shape.
std::vector<NamedType> FieldsOf(const Type& structure);
Type ElementOf(const Type& list);
Type KeyOf(const Type& map);
Type ValueOf(const Type& map);

// Whether a bare NULL is somewhere in it, so that no column can have it.
bool HasVoid(const Type& type);

// "DECIMAL(9,2)", STRUCT("a" INTEGER, "b" VARCHAR[]).
// Requires: there is no bare NULL in a nested type, and no interval.
std::string DuckDbName(const Type& type);
// As base/nested_type.h passes types on; field ids are 0.
std::string TypeText(const Type& type);

}  // namespace st::dialect
