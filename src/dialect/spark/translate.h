// A query as a plan over st_source() (jobs/messages.h), with Spark's meaning. Pure.
//
// What DuckDB would do differently is rewritten (casts, patterns, order of evaluation where a value
// may raise an error) or refused with the place. Session time zone: UTC.
//
// One record may make no row, one or many: nothing here looks at two records at once.
//
// Limits: kMaxSqlBytes, kMaxQueryDepth (limits.h), and those of expr_translator.h.
// Errors: kInvalidArgument with place, line and caret.
// Format: docs/pipelines.md, "Columns and functions"
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/plan.h"
#include "dialect/source_text.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/constants.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {

struct OutputColumn {
  std::string name;
  Type type;
};

struct Translation {
  Select plan;  // over st_source(); emit.h writes it
  std::vector<OutputColumn> columns;
  std::vector<std::string> topics;       // in the order of the text
  std::vector<const NamedQuery*> views;  // that it reads, each once
  std::vector<Constant> constants;       // that may fail; each has a place of its own
};

// `views`: those of the file. `is_json`: the reader has checked that each value is JSON
// (steelthread.format = 'json').
Result<Translation> Translate(const SourceText& source, const Query& query,
                              const std::vector<NamedQuery>& views, bool is_json);

}  // namespace st::dialect::spark
