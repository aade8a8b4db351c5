#include "dialect/spark/scope.h"

#include "base/record_columns.h"

namespace st::dialect::spark {

Expression ValueText() {
  const FixedColumn& column = ColumnOf(SourceColumn::kValueText);
  return Expression::PlainColumn(column.name, {.kind = column.kind});
}

Expression CheckedValueText() {
  const auto value = Expression::PlainColumn("value", {.kind = TypeKind::kBinary});
  const auto is_no_text =
      Expression::Apply(Operator::kAnd, {Expression::Apply(Operator::kIsNotNull, {value}),
                                         Expression::Apply(Operator::kIsNull, {ValueText()})});
  const auto error = Expression::Call("error", {Expression::Text("the value is not UTF-8")},
                                      {.kind = TypeKind::kString});
  return Expression::Case({{is_no_text, error}}, ValueText()).CanFail();
}

bool IsValueText(const Expression& expression) {
  static const Expression checked = CheckedValueText();
  return expression == ValueText() || expression == checked;
}

}  // namespace st::dialect::spark
