// A route's path: literal segments and variables in braces. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::event {

// "/guilds/{guild}/join" as its segments.
class PathTemplate {
 public:
  // kInvalidArgument says what is wrong, without a place.
  static Result<PathTemplate> Parse(std::string_view path);

  bool has_variables() const { return !variables_.empty(); }
  const std::vector<std::string>& variables() const { return variables_; }

  // The variables' values where `path` (decoded) is of this form, in order; a value is never empty.
  std::optional<std::vector<std::string>> Match(std::string_view path) const;
  // True if some path is of both forms and neither is the more literal one at the first segment
  // where they differ (there the more literal one wins).
  bool Clashes(const PathTemplate& other) const;
  // How literal it is: among templates that take one path, the one with the smaller order wins.
  const std::string& order() const { return order_; }

 private:
  struct Segment {
    std::string text;
    bool is_variable = false;
  };
  std::vector<Segment> segments_;
  std::vector<std::string> variables_;
  std::string order_;  // a character a segment: '0' literal, '1' variable
};

}  // namespace st::event
