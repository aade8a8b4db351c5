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

// Both add to `constants`, as constants.h says.
// Requires: the SELECT has no lateral views.
Result<Translation> TranslateOverStream(const SourceText& source, const SelectStatement& select,
                                        bool is_json, const std::optional<Expression>& topic,
                                        std::vector<Constant>& constants);
Result<Translation> TranslateOverRows(const SourceText& source, const SelectStatement& select,
                                      Rows rows, std::vector<Constant>& constants);

}  // namespace st::dialect::spark
