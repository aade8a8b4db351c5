// The product's version, from CMakeLists.txt.
#pragma once

namespace st::app {

inline constexpr const char* kVersion = ST_VERSION;

}  // namespace st::app
