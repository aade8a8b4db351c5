// A text for a pattern of RE2, for requests that a declared route must take.
#pragma once

#include <string>
#include <string_view>

#include "os/random.h"

namespace st::client::load {

// A text in UTF-8 that matches the pattern: literals, classes, groups, alternatives and repetitions
// of RE2; unknown syntax is taken literally. Requires: the pattern is UTF-8.
std::string SamplePattern(std::string_view pattern, os::Random& random);

}  // namespace st::client::load
