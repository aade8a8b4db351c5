// ST_CHECK: an assertion that is on in every build, for bugs only, never for bytes from outside.
#pragma once

namespace st {
[[noreturn]] void CheckFailed(const char* expression, const char* file, int line);
}  // namespace st

#define ST_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::st::CheckFailed(#condition, __FILE__, __LINE__))
