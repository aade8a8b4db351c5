// Fields and elements of nested values, as Spark takes them in ANSI mode. Pure.
//
// Errors: kInvalidArgument without a place.
#pragma once

#include <string>

#include "base/result.h"
#include "dialect/plan.h"

namespace st::dialect::spark {

// value.name: of a struct its field in any case, of an array of structs the array of the fields, of
// a map the value of the key.
Result<Expression> TakeField(const Expression& value, const std::string& name);
// value[index]: of an array the element, from 0, an error beyond its ends; of a map the value or
// NULL.
Result<Expression> TakeItem(const Expression& value, const Expression& index);
// A value as the key of a map, where Spark casts it by itself.
Result<Expression> AsKey(const Expression& map, const Expression& key);

}  // namespace st::dialect::spark
