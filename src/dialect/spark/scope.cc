#include "dialect/spark/scope.h"

#include "base/record_columns.h"

namespace st::dialect::spark {

Expression ValueText() {
  const FixedColumn& column = ColumnOf(SourceColumn::kValueText);
  return Expression::PlainColumn(column.name, {.kind = column.kind});
}

Expression DecodedValueText() {
  const auto value = Expression::PlainColumn("value", {.kind = TypeKind::kBinary});
  const auto is_no_text =
      Expression::Apply(Operator::kAnd, {Expression::Apply(Operator::kIsNotNull, {value}),
                                         Expression::Apply(Operator::kIsNull, {ValueText()})});
  const auto decoded =
      Expression::Call("spark_binary_to_text", {value}, {.kind = TypeKind::kString});
  return Expression::Case({{is_no_text, decoded}}, ValueText());
}

bool IsValueText(const Expression& expression) {
  static const Expression decoded = DecodedValueText();
  return expression == ValueText() || expression == decoded;
}

}  // namespace st::dialect::spark
