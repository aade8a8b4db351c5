#include "api/control/admin_api.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

TEST(HostGuard, TakesLoopbackNamesTheAddressAndWhatIsAllowed) {
  EXPECT_TRUE(IsHostAllowed("localhost:8080", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("LOCALHOST", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("[::1]:1", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("10.0.0.5:8080", "10.0.0.5:8080", {}));
  EXPECT_TRUE(IsHostAllowed("db.example", "127.0.0.1:8080", {"db.example"}));
  EXPECT_FALSE(IsHostAllowed("evil.example", "127.0.0.1:8080", {}));
  EXPECT_FALSE(IsHostAllowed("127.0.0.1.evil.example", "127.0.0.1:8080", {}));
  EXPECT_FALSE(IsHostAllowed("", "127.0.0.1:8080", {}));
}

}  // namespace
}  // namespace st::api
