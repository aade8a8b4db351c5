// Limits of pipeline files. What is over one is refused with its place.
#pragma once

#include <cstddef>

namespace st::dialect::spark {

inline constexpr std::size_t kMaxPipelineFileBytes = 1 << 20;
inline constexpr int kMaxReadSelects = 1000;         // of one statement, those of views each time
inline constexpr std::size_t kMaxMistakes = 20;      // of one SELECT's columns that are told
inline constexpr std::size_t kMaxStatements = 1000;  // of one file
inline constexpr int kMaxExprDepth = 100;            // brackets, signs and NOTs in each other
inline constexpr int kMaxExprOperators = 900;        // of one expression: its tree's depth
// Of the plan of one expression. Names of earlier columns are spelled out, so it can be deeper than
// the expression as written. DuckDB runs no expression deeper than 1,000 levels (setting
// max_expression_depth), of which some are casts around the expression.
inline constexpr int kMaxPlanDepth = 950;
inline constexpr std::size_t kMaxSqlBytes = 512 << 10;  // of one translated SELECT
inline constexpr std::size_t kMaxTableNameBytes = 128;
inline constexpr std::size_t kMaxColumns = 1000;  // of one table, as in the lake
inline constexpr int kMaxQueryDepth = 32;         // queries in each other, those of views counted
inline constexpr std::size_t kMaxSelects = 100;   // of one statement, those of views not counted
inline constexpr std::size_t kMaxValuesRows = 1000;  // of one VALUES

}  // namespace st::dialect::spark
