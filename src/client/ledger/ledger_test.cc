#include "client/ledger/ledger.h"

#include <gtest/gtest.h>

namespace st::client::ledger {
namespace {

TEST(Ledger, KnowsItsOwnKeysAlone) {
  Ledger ledger("a1");
  const auto number = ledger.Open(0);
  EXPECT_EQ(ledger.KeyOf(number), "a1-0");
  EXPECT_EQ(ledger.NumberOf("a1-0"), number);
  for (const auto* other : {"a1-1", "a1-00", "a1-", "a2-0", "a1--0", "a1-0x", ""}) {
    EXPECT_FALSE(ledger.NumberOf(other)) << other;
  }
}

}  // namespace
}  // namespace st::client::ledger
