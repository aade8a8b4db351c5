#include "dialect/spark/patterns.h"

namespace st::dialect::spark {

Status CheckLikePattern(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (i == pattern.size() || (pattern[i] != '%' && pattern[i] != '_' && pattern[i] != '\\')) {
      return Fail(ErrorCode::kInvalidArgument,
                  "in a LIKE pattern a backslash stands before %, _ or another backslash");
    }
  }
  return {};
}

}  // namespace st::dialect::spark
