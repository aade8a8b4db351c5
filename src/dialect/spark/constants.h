// The constants of an expression that Spark evaluates before the first record: parts that depend on
// no column and may fail. Pure.
//
// Those below CASE, IF, COALESCE and the like are none, since their branches may never be taken,
// and neither is what fails on purpose.
#pragma once

#include <cstddef>
#include <vector>

#include "dialect/plan.h"
#include "dialect/spark/ast.h"

namespace st::dialect::spark {

struct Constant {
  Expression value;  // as large as can be
  std::size_t position = 0;
};

// Finds them while an expression is translated: Begin before and End behind each part of it, from
// the outside in.
//
// Owner: `found` must outlive it.
class ConstantFinder {
 public:
  explicit ConstantFinder(std::vector<Constant>& found) : found_(found) {}

  struct Before {
    std::size_t found = 0;
    int raised = 0;
  };
  Before Begin(const Expr& expr);
  void End(const Expr& expr, const Expression& made, const Before& before);

 private:
  void AddCasts(const Expr& expr, const Expression& made, const Before& before);
  void Forget(const Before& before);

  std::vector<Constant>& found_;
  int raised_ = 0;  // parts so far that fail on purpose
};

}  // namespace st::dialect::spark
