// One SELECT over a stream or over other rows as a plan. Pure.
//
// Limits: kMaxSqlBytes (limits.h).
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/scopes.h"
#include "dialect/spark/subqueries.h"
#include "dialect/spark/translate.h"

namespace st::dialect::spark {

// What a SELECT reads, its lateral views not among it.
struct Rows {
  Relation from;
  std::vector<RelationColumn> columns;
  bool has_value_text = false;  // kValueTextColumn is there
};

// The columns of the stream as rows; `topic`: the condition of one topic.
Rows StreamRows(const SourceText& source, const SelectStatement& select, bool is_json,
                const std::optional<Expression>& topic);

// What the translations of one statement's SELECTs share.
struct SelectContext {
  const SourceText& source;
  std::vector<Constant>& constants;  // gets more, as constants.h says
  Subqueries& subqueries;
};

// Requires: the SELECT has no lateral views and joins.
Result<Translation> TranslateOverStream(const SelectContext& context, const SelectStatement& select,
                                        bool is_json, const std::optional<Expression>& topic);
Result<Translation> TranslateOverRows(const SelectContext& context, const SelectStatement& select,
                                      Rows rows);

}  // namespace st::dialect::spark
