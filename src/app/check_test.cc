#include "app/check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lake/lake.h"
#include "net/address.h"
#include "stream/progress.h"

namespace st::app {
namespace {

class Check : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_check_XXXXXX";
    config_.project = ::mkdtemp(pattern);
    config_.data_dir = config_.project + "/data";
    for (auto* address : {&config_.http_listen, &config_.kafka_listen, &config_.sql_listen,
                          &config_.catalog_listen}) {
      *address = "127.0.0.1:0";
    }
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(config_.project);
  }
  void Write(const std::string& file, const std::string& text) {
    const auto path = config_.project + "/" + file;
    ASSERT_TRUE(fs_->CreateDirs(os::DirName(path)));
    std::ofstream(path) << text;
  }
  std::string Error() {
    const auto report = CheckProject(*fs_, config_);
    return report.error ? report.error->message() : "";
  }
  void WritePipeline(const std::string& select) {
    Write("pipelines/t.sql", "CREATE STREAMING TABLE t AS SELECT " + select + " FROM STREAM(x)");
  }

  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  Config config_;
};

TEST_F(Check, NamesTablesWhosePipelinesWouldStop) {
  WritePipeline("CAST(value AS STRING) AS v");
  EXPECT_EQ(Error(), "");
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  auto lake =
      lake::Lake::Open({*fs_, *clock, *random}, {.warehouse = config_.data_dir + "/warehouse"});
  ASSERT_TRUE(lake) << lake.error().message();
  ASSERT_TRUE((*lake)->Create({"default", "t"}, {{.id = 1, .name = "v", .type = "string"}},
                              {{stream::kOffsetsProperty, stream::EncodeProgress({})}}));
  EXPECT_EQ(Error(), "");
  WritePipeline("CAST(value AS STRING) AS w");
  EXPECT_TRUE(
      Error().contains("table default.t has the columns (v string), and the SELECT makes (w "
                       "string)"))
      << Error();
}

TEST_F(Check, SaysWhichTablesGetAnotherLayout) {
  WritePipeline("CAST(value AS STRING) AS v");
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  auto lake =
      lake::Lake::Open({*fs_, *clock, *random}, {.warehouse = config_.data_dir + "/warehouse"});
  ASSERT_TRUE(lake) << lake.error().message();
  ASSERT_TRUE((*lake)->Create({"default", "t"}, {{.id = 1, .name = "v", .type = "string"}},
                              {{stream::kOffsetsProperty, stream::EncodeProgress({})}},
                              {.partition = {{"v", {}}}, .sort = {}}));
  const auto report = CheckProject(*fs_, config_);
  EXPECT_FALSE(report.error) << report.error->message();
  ASSERT_EQ(report.tables.size(), 1U);
  EXPECT_EQ(report.tables[0].table, "default.t");
  EXPECT_EQ(report.tables[0].changes,
            std::vector<std::string>{"new files are not partitioned, not sorted; the others stay "
                                     "as they are"});
  Write("pipelines/t.sql",
        "CREATE STREAMING TABLE t PARTITIONED BY (v) AS SELECT CAST(value AS STRING) AS v "
        "FROM STREAM(x)");
  EXPECT_TRUE(CheckProject(*fs_, config_).tables.empty());
}

TEST_F(Check, SaysWhatTheNextStartDoesToTables) {
  WritePipeline("CAST(value AS STRING) AS v, offset AS n");
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  auto lake =
      lake::Lake::Open({*fs_, *clock, *random}, {.warehouse = config_.data_dir + "/warehouse"});
  ASSERT_TRUE(lake) << lake.error().message();
  ASSERT_TRUE((*lake)->Create({"default", "t"}, {{.id = 1, .name = "n", .type = "int"}},
                              {{stream::kOffsetsProperty, stream::EncodeProgress({})}}));
  const auto report = CheckProject(*fs_, config_);
  ASSERT_FALSE(report.error) << report.error->message();
  ASSERT_EQ(report.tables.size(), 1U);
  EXPECT_EQ(report.tables[0].table, "default.t");
  EXPECT_EQ(report.tables[0].changes,
            (std::vector<std::string>{"adds column v (string)", "widens n from int to long"}));
}

TEST_F(Check, NamesARouteThatTheGameHas) {
  std::filesystem::copy("../../examples/game", config_.project,
                        std::filesystem::copy_options::recursive);
  EXPECT_EQ(Error(), "");
  Write("events/items.toml",
        "name = \"items\"\nroute = \"GET /{what}\"\nreply = \"\"\ntable = false\n[fields]\nwhat = "
        "{}\n");
  EXPECT_TRUE(Error().contains("events/items.toml:2:9: route: ")) << Error();
}

TEST_F(Check, WarnsOfAGamesEventWithoutADeclaration) {
  std::filesystem::copy("../../examples/game", config_.project,
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove(config_.project + "/events/checkout.toml");
  const auto report = CheckProject(*fs_, config_);
  EXPECT_FALSE(report.error) << report.error->message();
  EXPECT_TRUE(std::ranges::any_of(report.warnings, [](const auto& warning) {
    return warning.contains("the game's event \"checkout\" is declared in none of events/*.toml");
  }));
}

TEST_F(Check, NamesAPortThatAnotherProcessHas) {
  WritePipeline("CAST(value AS STRING) AS v");
  auto taken = net::Listen("127.0.0.1:0");
  ASSERT_TRUE(taken) << taken.error().message();
  config_.sql_listen = net::LocalAddress(taken->get());
  EXPECT_TRUE(Error().starts_with("sql.listen: ")) << Error();
  EXPECT_TRUE(Error().contains(fmt::format("held by process {}", ::getpid()))) << Error();
  // The process that holds the port has locked this data folder, so it is the folder's own server.
  ASSERT_TRUE(fs_->CreateDirs(config_.data_dir));
  const auto lock = fs_->Lock(config_.data_dir);
  EXPECT_EQ(Error(), "");
}

TEST_F(Check, NamesADataFolderThatAStartRefuses) {
  Write("data/log/x", "");
  EXPECT_TRUE(Error().contains("has a log but no file \"format\"")) << Error();
  Write("data/format", "99\n");
  EXPECT_TRUE(Error().contains("newer than this program knows")) << Error();
  std::filesystem::remove_all(config_.data_dir);
  Write("data", "");
  EXPECT_NE(Error(), "");
}

TEST_F(Check, NamesADiskWithoutRoomForAStart) {
  WritePipeline("CAST(value AS STRING) AS v");
  config_.log_reserve_bytes = std::uint64_t{1} << 50;
  EXPECT_TRUE(Error().starts_with("disk full: ")) << Error();
  EXPECT_TRUE(Error().ends_with("free some space or lower log.reserve_bytes")) << Error();
  EXPECT_FALSE(std::filesystem::exists(config_.data_dir));
}

TEST_F(Check, NamesListenersWithOneAddress) {
  config_.sql_listen = config_.http_listen = "127.0.0.1:5000";
  config_.origins["sql.listen"] = "--set";
  EXPECT_EQ(Error(),
            "http.listen (from: default) and sql.listen (from: --set) are both 127.0.0.1:5000; "
            "set another");
  config_.sql_listen = config_.http_listen = "127.0.0.1:0";
  EXPECT_EQ(Error(), "");
}

}  // namespace
}  // namespace st::app
