#include "dialect/spark/star.h"

#include <fmt/format.h>

#include <utility>

#include "dialect/spark/expr_translator.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {

Result<std::vector<NamedValue>> FieldsOfStar(const SourceText& source, Scope& scope,
                                             const Expr& star, std::vector<Constant>& constants) {
  Expr of = star;
  if (star.args.empty()) {
    of.kind = ExprKind::kColumn;
    of.text = std::exchange(of.qualifier, {});
  } else {
    of = star.args[0];
  }
  ST_TRY(const auto value, ExprTranslator(source, scope, constants).Translate(of));
  if (!value.type.is_struct()) {
    return std::unexpected(source.At(
        star.position,
        fmt::format("* takes the fields of a struct, and this is {}", SparkName(value.type))));
  }
  std::vector<NamedValue> fields;
  for (const auto& [name, type] : FieldsOf(value.type)) {
    fields.emplace_back(name,
                        Expression::Call("struct_extract", {value, Expression::Text(name)}, type));
  }
  return fields;
}

}  // namespace st::dialect::spark
