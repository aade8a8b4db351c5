// Spark's generators: functions that make rows of one value. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/scope.h"

namespace st::dialect::spark {

// The rows that a generator makes of a record: one for each element of `list`.
struct Generator {
  Expression list;
  std::vector<NamedType> columns;
  // The elements are structs with a field for each column; else they are the one column.
  bool has_structs = false;
  std::vector<std::string> fields;  // of the structs; none: they have the columns' names
};

// [NULL] where there is no element.
Expression OuterList(const Expression& list);

bool IsGenerator(std::string_view function);

// `is_outer`: a row of NULLs where there is no element, as LATERAL VIEW OUTER.
// `constants` as in constants.h.
// Errors: kInvalidArgument with place, line and caret.
Result<Generator> MakeGenerator(const SourceText& source, Scope& scope, const Expr& call,
                                bool is_outer, std::vector<Constant>& constants);

}  // namespace st::dialect::spark
