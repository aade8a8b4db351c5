#include "dialect/spark/bits.h"

#include <string>
#include <utility>

#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {

Result<Expression> OfBits(std::string_view op, std::vector<Expression> values) {
  const std::string_view function = op == "&"   ? "spark_bit_and"
                                    : op == "|" ? "spark_bit_or"
                                    : op == "^" ? "spark_bit_xor"
                                                : "spark_bit_not";
  if (!Unify(values) || !values[0].type.is_integer()) {
    std::string types;
    for (const auto& value : values)
      types += (types.empty() ? "" : " and ") + SparkName(value.type);
    return Fail(ErrorCode::kInvalidArgument, "{} takes INT or BIGINT, not {}; write CAST(… AS …)",
                op, types);
  }
  const Type type = values[0].type;
  for (auto& value : values) {
    ST_TRY(value, Cast(value, {.kind = TypeKind::kLong}, false));
  }
  Expression made = Expression::Call(function, std::move(values), {.kind = TypeKind::kLong});
  return type == made.type ? made : Expression::Cast(std::move(made), type);
}

}  // namespace st::dialect::spark
