#include "base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace st {
namespace {

TEST(JsonText, EscapesWhatMustBeAndNothingElse) {
  std::string out = "[";
  AppendJsonString("a\"\\\n\x01é/", out);
  EXPECT_EQ(out, R"(["a\"\\\n\u0001é/")");
}

TEST(JsonText, IsReadAsItWas) {
  std::string text;
  for (char c = 0; c < 127; ++c) text += c;
  text += "é€😀";
  std::string out;
  AppendJsonString(text, out);
  EXPECT_EQ(nlohmann::json::parse(out).get<std::string>(), text);
}

}  // namespace
}  // namespace st
