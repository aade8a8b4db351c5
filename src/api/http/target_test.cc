#include "api/http/target.h"

#include <gtest/gtest.h>

namespace st::api::http {
namespace {

std::string Whole(std::string_view path) { return DecodePath(path, PathForm::kWhole).value(); }

TEST(DecodePath, AWholePathIsReadAsFlaskReadsIt) {
  EXPECT_EQ(Whole("/"), "/");
  EXPECT_EQ(Whole("/a#f"), "/a");
  EXPECT_EQ(Whole("/%73word"), "/sword");
  EXPECT_EQ(Whole("/caf%C3%a9%20x"), "/caf\xC3\xA9 x");
  EXPECT_EQ(Whole("/a%2Fb%3Fc"), "/a/b?c");
  EXPECT_EQ(Whole("/a+b"), "/a+b");
  EXPECT_EQ(Whole("//a//b/"), "/a//b/");
  EXPECT_EQ(Whole("//"), "/");
  EXPECT_EQ(Whole(""), "/");
  EXPECT_EQ(Whole("*"), "/*");
  for (const std::string path : {"/%", "/%7", "/%zz", "/a%"}) EXPECT_EQ(Whole(path), path);
}

TEST(DecodePath, SegmentsKeepTheirSlashesAndEmptyOnesDoNotCount) {
  const auto of = [](std::string_view path) { return DecodePath(path, PathForm::kSegments); };
  EXPECT_EQ(of("/v1//namespaces/"), "/v1/namespaces");
  EXPECT_EQ(of("/"), "/");
  EXPECT_EQ(of("/a%2fb/c%20d"), "/a%2Fb/c d");
  EXPECT_EQ(of("/a%zz"), std::nullopt);
  EXPECT_EQ(of("/a%"), std::nullopt);
}

TEST(QueryParameter, IsTheFirstOfItsNameDecoded) {
  const auto of = [](const std::string& query, std::string_view name) {
    net::HttpRequest request;
    request.query = query;
    return QueryParameter(request, name);
  };
  EXPECT_EQ(of("a=1&b=x%2Fy&b=2", "b"), "x/y");
  EXPECT_EQ(of("a=1", "b"), "");
  EXPECT_EQ(of("b", "b"), "") << "without a value";
  EXPECT_EQ(of("b&b=2", "b"), "2");
  EXPECT_EQ(of("b=%zz", "b"), "");
  EXPECT_EQ(of("bb=1&b=a=c", "b"), "a=c");
  EXPECT_EQ(of("", "b"), "");
}

TEST(MergeSlashes, LeavesOneOfEachRow) { EXPECT_EQ(MergeSlashes("/a//b///"), "/a/b/"); }

TEST(TargetWithHost, IsTheSameHoweverTheTargetWasWritten) {
  const auto of = [](const std::string& target, const std::string& path) {
    net::HttpRequest request;
    request.target = target;
    request.path = path;
    request.headers = {{"Host", "h"}};
    return TargetWithHost(request);
  };
  EXPECT_EQ(of("/a?b=/c", "/a"), "//h/a?b=/c");
  EXPECT_EQ(of("/a?", "/a"), "//h/a?");
  EXPECT_EQ(of("http://h/a?b=/c", "/a"), "//h/a?b=/c");
  EXPECT_EQ(of("http://h?b=/c", "/"), "//h/?b=/c");
  EXPECT_EQ(of("http://h", "/"), "//h/");
}

}  // namespace
}  // namespace st::api::http
