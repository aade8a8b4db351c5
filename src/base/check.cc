#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace st {

void CheckFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "bug: ST_CHECK(%s) failed at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace st
