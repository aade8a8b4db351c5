// get_json_object, as Spark evaluates it in one pass over the text.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spark_values/json_path.h"
#include "spark_values/json_scanner.h"

namespace st::worker::spark {

// The last path of a column of them.
//
// Threads: one thread.
struct JsonPathCache {
  std::string path;
  Result<std::vector<spark_values::JsonStep>> steps = Fail(ErrorCode::kNotFound, "no path yet");
  std::string scratch;  // of the scanner
};

// What the path matches: one value alone, a text without quotes where no array is around it, or an
// array of several. nullopt: nothing, or a text that is no JSON.
// Errors:  kInvalidArgument: no path.
Result<std::optional<std::string>> AtJsonPath(JsonPathCache& cache, std::string_view text,
                                              std::string_view path);

// Appends the next value as the result of a path that ends there. False: it is no JSON.
bool AppendMatch(spark_values::JsonScanner& scanner, std::string& out);

}  // namespace st::worker::spark
