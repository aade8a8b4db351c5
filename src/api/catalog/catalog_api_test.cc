// Tests the catalog over a lake on a disk in memory, with the requests of REST clients.
#include "api/catalog/catalog_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lake/lake.h"
#include "net/testing.h"
#include "os/testing/memory_file_system.h"
#include "os/testing/step_clock.h"

namespace st::api {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() {
    EXPECT_TRUE(lake_->Create({"default", "purchases"}, {{1, "raw_event", "string"}}, {}));
    EXPECT_TRUE(lake_->Create({"bad", "rows"}, {{1, "raw_value", "binary"}}, {}));
  }
  net::HttpResponse Ask(const std::string& method, const std::string& target,
                        const net::HttpHeaders& headers = {}) {
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table_->Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf(method, target, headers));
  }
  Json Get(const std::string& target) {
    const auto response = Ask("GET", target);
    EXPECT_EQ(response.status, 200) << target << response.content();
    EXPECT_EQ(response.content_type, "application/json");
    return Json::parse(response.content());
  }
  // Returns status and type, such as "404 NoSuchTableException"; the code in the body must equal
  // the status.
  std::string ErrorOf(const std::string& method, const std::string& target) {
    const auto response = Ask(method, target);
    const auto error = Json::parse(response.content())["error"];
    EXPECT_EQ(error["code"], response.status);
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    return fmt::format("{} {}", response.status, error["type"].get<std::string>());
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<lake::Lake> lake_ =
      lake::Lake::Open({fs_, clock_, *random_}, {.warehouse = "/data/ware house"}).value();
  std::unique_ptr<http::RouteTable> table_ = MakeCatalogRoutes(*lake_);
};

TEST_F(CatalogTest, ConfigNamesTheEndpointsThatAreThere) {
  const auto config = Get("/v1/config?warehouse=anything");
  EXPECT_TRUE(config["defaults"].is_object());
  EXPECT_TRUE(config["overrides"].is_object());
  EXPECT_EQ(config["endpoints"].size(), 6U);
  for (const auto& endpoint : config["endpoints"]) {
    EXPECT_THAT(endpoint.get<std::string>(),
                ::testing::MatchesRegex("(GET|HEAD) /v1/\\{prefix\\}/namespaces.*"));
  }
}

TEST_F(CatalogTest, ListsNamespacesOfOneLevel) {
  const auto all = Json::parse(R"({"namespaces":[["bad"],["default"]]})");
  EXPECT_EQ(Get("/v1/namespaces"), all);
  EXPECT_EQ(Get("/v1/namespaces?pageToken="), all);
  EXPECT_EQ(Get("/v1/namespaces?parent="), all);
  // A client that asks for children must not get the parents, or it would ask again for ever.
  EXPECT_EQ(Get("/v1/namespaces?parent=default"), Json::parse(R"({"namespaces":[]})"));
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces?parent=none"), "404 NoSuchNamespaceException");
  EXPECT_EQ(Get("/v1/namespaces/default")["namespace"], Json::parse(R"(["default"])"));
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/none"), "404 NoSuchNamespaceException");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/default%1Fmore"), "404 NoSuchNamespaceException");
}

TEST_F(CatalogTest, ListsTablesOfANamespace) {
  EXPECT_EQ(Get("/v1/namespaces/default/tables"),
            Json::parse(R"({"identifiers":[{"namespace":["default"],"name":"purchases"}]})"));
  EXPECT_EQ(Get("/v1/namespaces/bad/tables")["identifiers"][0]["name"], "rows");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/none/tables"), "404 NoSuchNamespaceException");
}

TEST_F(CatalogTest, LoadsATableWithItsMetadata) {
  const auto loaded = Get("/v1/namespaces/default/tables/purchases");
  const auto view = lake_->Load({"default", "purchases"}).value();
  EXPECT_EQ(loaded["metadata-location"],
            "file:///data/ware house/default/purchases/metadata/v1.metadata.json");
  EXPECT_EQ(loaded["metadata"], Json::parse(view->metadata_json));
  EXPECT_TRUE(loaded["config"].is_object());
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/default/tables/none"), "404 NoSuchTableException");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/bad/tables/purchases"), "404 NoSuchTableException");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/none/tables/purchases"), "404 NoSuchTableException")
      << "an engine then tries it as a metadata table of \"none\"";
}

TEST_F(CatalogTest, AClientThatHasTheTableIsToldSo) {
  const std::string path = "/v1/namespaces/default/tables/purchases";
  const auto tag_of = [](const net::HttpResponse& response) {
    return std::string(net::FindHeader(response.headers, "ETag"));
  };
  const auto tag = tag_of(Ask("GET", path));
  ASSERT_GT(tag.size(), 2U);
  for (const auto& header : {tag, "W/" + tag, "\"other\", " + tag}) {
    const auto same = Ask("GET", path, {{"If-None-Match", header}});
    EXPECT_EQ(same.status, 304) << header;
    EXPECT_EQ(same.content(), "");
    EXPECT_EQ(tag_of(same), tag);
  }
  ASSERT_TRUE(lake_->Commit(
      {.table = {"default", "purchases"}, .expected_version = 1, .properties = {{"a", "b"}}}));
  const auto newer = Ask("GET", path, {{"If-None-Match", tag}});
  EXPECT_EQ(newer.status, 200);
  EXPECT_NE(tag_of(newer), tag);
}

TEST_F(CatalogTest, HeadTellsWhetherATableExists) {
  EXPECT_EQ(Ask("HEAD", "/v1/namespaces/default").status, 204);
  EXPECT_EQ(Ask("HEAD", "/v1/namespaces/none").status, 404);
  EXPECT_EQ(Ask("HEAD", "/v1/namespaces/default/tables/purchases").status, 204);
  const auto none = Ask("HEAD", "/v1/namespaces/default/tables/none");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body, "");
  EXPECT_EQ(Ask("HEAD", "/v1/config").status, 200);
  const auto view = Ask("HEAD", "/v1/namespaces/default/views/v");
  EXPECT_EQ(view.status, 404);
  EXPECT_EQ(view.body, "");
}

TEST_F(CatalogTest, IsReadOnly) {
  for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "/v1/namespaces"},
           {"DELETE", "/v1/namespaces/default"},
           {"POST", "/v1/namespaces/default/properties"},
           {"POST", "/v1/namespaces/default/tables"},
           {"POST", "/v1/namespaces/default/tables/purchases"},
           {"DELETE", "/v1/namespaces/default/tables/purchases"},
           {"POST", "/v1/namespaces/default/register"},
           {"POST", "/v1/tables/rename"},
           {"POST", "/v1/transactions/commit"},
           {"PUT", "/v1/namespaces"}}) {
    EXPECT_EQ(ErrorOf(method, target), "403 ForbiddenException") << method << target;
    EXPECT_THAT(Ask(method, target).body, HasSubstr("read-only"));
  }
  EXPECT_EQ(lake_->Load({"default", "purchases"}).value()->version, 1);
}

TEST_F(CatalogTest, AnswersTheRequestsOfOlderClients) {
  EXPECT_EQ(Ask("POST", "/v1/namespaces/default/tables/purchases/metrics").status, 204);
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/default/tables/purchases/metrics"),
            "404 NotFoundException");
  EXPECT_EQ(Get("/v1/namespaces/default/views"), Json::parse(R"({"identifiers":[]})"));
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/default/views/v"), "404 NoSuchViewException");
  EXPECT_EQ(Get("/v1//namespaces/").size(), 1U);
}

TEST_F(CatalogTest, RefusesOtherPaths) {
  for (const auto* target :
       {"/", "/v2/config", "/v1", "/v1/nothing", "/v1/config/x", "/v1/namespaces/default/other",
        "/v1/namespaces/default/tables/purchases/other"}) {
    EXPECT_EQ(ErrorOf("GET", target), "404 NotFoundException") << target;
  }
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/%zz"), "400 BadRequestException");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/%f"), "400 BadRequestException");
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/%ff"), "404 NoSuchNamespaceException");
}

TEST_F(CatalogTest, ADamagedTableSaysWhichFile) {
  const std::string path = "/data/ware house/default/purchases/metadata/v1.metadata.json";
  fs_.Overwrite(path, "{");
  lake_ = lake::Lake::Open({fs_, clock_, *random_}, {.warehouse = "/data/ware house"}).value();
  table_ = MakeCatalogRoutes(*lake_);
  EXPECT_EQ(ErrorOf("GET", "/v1/namespaces/default/tables/purchases"), "500 InternalServerError");
  EXPECT_THAT(Ask("GET", "/v1/namespaces/default/tables/purchases").content(), HasSubstr(path));
  // The damaged table is still listed.
  EXPECT_EQ(Get("/v1/namespaces/default/tables")["identifiers"].size(), 1U);
}

}  // namespace
}  // namespace st::api
