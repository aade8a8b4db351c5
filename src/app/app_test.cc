#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/config.h"
#include "app/data_dir.h"
#include "app/ports.h"
#include "app/server.h"
#include "net/http_client.h"
#include "os/testing/memory_file_system.h"

namespace st::app {
namespace {

class ProjectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_app_XXXXXX";
    dir_ = ::mkdtemp(pattern);
  }
  void Toml(const std::string& text) { std::ofstream(dir_ + "/steelthread.toml") << text; }
  Result<Config> Load(std::vector<std::string> overrides = {}) {
    return LoadConfig({.project = dir_,
                       .data_dir = "",
                       .overrides = std::move(overrides),
                       .environment = [this](const char* name) -> const char* {
                         const auto found = environment_.find(name);
                         return found == environment_.end() ? nullptr : found->second.c_str();
                       },
                       .environment_names = EnvironmentNames()});
  }
  std::vector<std::string> EnvironmentNames() const {
    std::vector<std::string> names = {"PATH"};
    for (const auto& [name, value] : environment_) names.push_back(name);
    return names;
  }
  // The error of a steelthread.toml, without the folder's name.
  std::string Mistake(const std::string& toml) {
    Toml(toml);
    const auto config = Load();
    if (config) return "no mistake";
    const std::string& message = config.error().message();
    return message.starts_with(dir_ + "/") ? message.substr(dir_.size() + 1) : message;
  }
  std::string dir_;
  std::map<std::string, std::string> environment_;
};

TEST_F(ProjectTest, FlagsWinOverEnvironmentOverFileOverDefaults) {
  EXPECT_EQ(Load()->kafka_listen, "127.0.0.1:9092");
  EXPECT_EQ(Load()->data_dir, dir_ + "/.steelthread");
  Toml("[kafka]\nlisten = \"127.0.0.1:1\"\nnum_partitions = 4\n");
  EXPECT_EQ(Load()->kafka_listen, "127.0.0.1:1");
  EXPECT_EQ(Load()->kafka_num_partitions, 4);
  environment_["STEELTHREAD_KAFKA_LISTEN"] = "127.0.0.1:2";
  EXPECT_EQ(Load()->kafka_listen, "127.0.0.1:2");
  EXPECT_EQ(Load({"kafka.listen=127.0.0.1:3"})->kafka_listen, "127.0.0.1:3");
}

TEST_F(ProjectTest, WorkerMemoryIsInMebibytes) {
  EXPECT_EQ(Load()->worker_memory_bytes, 1LL << 30);
  EXPECT_EQ(Load({"worker.memory=256"})->worker_memory_bytes, 256LL << 20);
  EXPECT_EQ(Load({"worker.memory=1"}).error().message(),
            "--set: worker.memory: 1 is below 256 (MiB)");
  EXPECT_EQ(Load({"sql.statement_timeout_seconds=5"})->sql_statement_timeout_s, 5);
  EXPECT_EQ(Load()->catalog_listen, "127.0.0.1:8181");
}

TEST_F(ProjectTest, AnUnknownKeyIsAnErrorWithPlaceAndNearestName) {
  Toml("[kafka]\nlistne = \"127.0.0.1:1\"\n");
  const auto config = Load();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message(),
            dir_ +
                "/steelthread.toml:2:1: unknown setting \"kafka.listne\"; did you mean "
                "\"kafka.listen\"?");
}

TEST_F(ProjectTest, BadValuesAndBrokenTomlAreNamed) {
  EXPECT_EQ(Load({"kafka.num_partitions=none"}).error().message(),
            "--set: kafka.num_partitions: \"none\" is not a whole number from 1 to 1024");
  for (const std::string text : {"5", "=5"}) {
    EXPECT_EQ(Load({text}).error().message(), "--set " + text + ": want key=value");
  }
  EXPECT_NE(Load({"retention.ms=5"}).error().message().find("keeps everything"), std::string::npos);
  Toml("[kafka\n");
  EXPECT_TRUE(Load().error().message().starts_with(dir_ + "/steelthread.toml:1:"));
}

TEST_F(ProjectTest, EachMistakeInTheFileIsPlaced) {
  EXPECT_TRUE(Mistake("[\n").starts_with("steelthread.toml:1:2: "));
  EXPECT_EQ(Mistake("[http]\nlisten = 5000\n"),
            "steelthread.toml:2:10: http.listen: want text in quotes");
  EXPECT_EQ(Mistake("[log]\nsegment_bytes = \"5\"\n"),
            "steelthread.toml:2:17: log.segment_bytes: want a whole number, without quotes");
  EXPECT_EQ(Mistake("sql.max_rows = 0\n"), "steelthread.toml:1:16: sql.max_rows: 0 is below 1");
  EXPECT_EQ(Mistake("[kafak]\n"),
            "steelthread.toml:1:2: unknown setting \"kafak\"; did you mean \"kafka\"?");
  EXPECT_EQ(Mistake("http = 5\n"), "steelthread.toml:1:1: http is a section: write [http]");
  Toml("");
  EXPECT_EQ(Load({"http=5"}).error().message(),
            "--set: http is a section: name one of its settings, as http.allowed_origins");
  EXPECT_EQ(Mistake("[retention]\n"),
            "steelthread.toml:1:2: retention is refused: the log keeps everything, but in topics "
            "whose own settings retention.ms or retention.bytes say otherwise");
  EXPECT_EQ(Mistake("[admin]\nallowed_hosts = [\"a\", 5]\n"),
            "steelthread.toml:2:23: admin.allowed_hosts: want a text in quotes, without a comma "
            "in it");
}

TEST_F(ProjectTest, AddressesAreCheckedWhenTheyAreRead) {
  EXPECT_TRUE(Mistake("[http]\nlisten = \"5000\"\n")
                  .starts_with("steelthread.toml:2:10: http.listen: address '5000': "));
  Toml("");
  EXPECT_TRUE(
      Load({"sql.listen=example.com:1"}).error().message().starts_with("--set: sql.listen"));
  environment_["STEELTHREAD_CATALOG_LISTEN"] = "127.0.0.1:70000";
  EXPECT_TRUE(Load().error().message().starts_with("STEELTHREAD_CATALOG_LISTEN: catalog.listen: "));
  environment_.clear();
  for (const std::string good : {"broker.example:9092", "[::1]:1", ""}) {
    EXPECT_EQ(Load({"kafka.advertise=" + good})->kafka_advertise, good);
  }
  for (const std::string bad : {"broker", ":9092", "a:0", "a:70000", "::1:5", "http://a:5"}) {
    EXPECT_EQ(
        Load({"kafka.advertise=" + bad}).error().message(),
        "--set: kafka.advertise: \"" + bad + "\" is not host:port, such as broker.example:9092");
  }
}

TEST_F(ProjectTest, SettingsThatContradictEachOtherAreRefused) {
  EXPECT_EQ(Load({"group.min_session_timeout_ms=2000000"}).error().message(),
            "group.min_session_timeout_ms is 2000000 (from: --set), above "
            "group.max_session_timeout_ms, which is 1800000 (from: default): no consumer could "
            "join a group; set one of them so that the first is not above the second");
  EXPECT_EQ(Load({"group.min_session_timeout_ms=2000000", "group.max_session_timeout_ms=2000000"})
                ->group_max_session_timeout_ms,
            2'000'000);
  environment_["STEELTHREAD_GROUP_MAX_SESSION_TIMEOUT_MS"] = "999";
  EXPECT_THAT(Load().error().message(),
              ::testing::HasSubstr("999 (from: STEELTHREAD_GROUP_MAX_SESSION_TIMEOUT_MS)"));
}

TEST_F(ProjectTest, AnEmptyDataFolderIsRefused) {
  EXPECT_EQ(Load({"data.dir="}).error().message(),
            "--set: data.dir: it is empty; name a folder, or leave it out for .steelthread");
  EXPECT_THAT(Mistake("[data]\ndir = \"\"\n"), ::testing::HasSubstr(":2:7: data.dir: it is empty"));
}

TEST_F(ProjectTest, ListenersThatTakeEachOthersPortAreRefused) {
  const auto check = [&](const std::string& kafka, const std::string& sql) {
    const auto config = Load({"kafka.listen=" + kafka, "sql.listen=" + sql});
    return config ? "" : config.error().message();
  };
  EXPECT_EQ(check("0.0.0.0:7000", "127.0.0.1:7000"),
            "kafka.listen is 0.0.0.0:7000 (from: --set) and sql.listen is 127.0.0.1:7000 "
            "(from: --set), which have one port; set another");
  EXPECT_THAT(check("127.0.0.1:7000", "localhost:7000"), ::testing::HasSubstr("have one port"));
  EXPECT_THAT(check("127.0.0.1:7000", "[::]:7000"), ::testing::HasSubstr("have one port"));
  EXPECT_THAT(check("[::1]:7000", "[::1]:7000"), ::testing::HasSubstr("are both [::1]:7000"));
  EXPECT_EQ(check("0.0.0.0:7000", "[::1]:7000"), "");
  EXPECT_EQ(check("127.0.0.1:7000", "127.0.0.2:7000"), "");
  EXPECT_EQ(check("0.0.0.0:0", "127.0.0.1:0"), "");
}

TEST_F(ProjectTest, AllowedHostsAreAListOrSeparatedByCommas) {
  Toml("[admin]\nallowed_hosts = [\"a.example\", \"b.example\"]\n");
  EXPECT_EQ(Load()->admin_allowed_hosts, "a.example,b.example");
  EXPECT_EQ(Load({"admin.allowed_hosts=c, [::1],d"})->admin_allowed_hosts, "c, [::1],d");
  for (const std::string never : {"a.example:8080", "a b", "*", "*.example", "http://a", "::1"}) {
    EXPECT_EQ(Load({"admin.allowed_hosts=c," + never}).error().message(),
              "--set: admin.allowed_hosts: \"" + never +
                  "\" is no host name, such as steelthread.example (no port, no *)");
  }
}

TEST_F(ProjectTest, IgnoresVariablesOfOrchestrators) {
  environment_ = {{"STEELTHREAD_SERVICE_HOST", "10.0.0.1"},
                  {"STEELTHREAD_SERVICE_PORT", "5000"},
                  {"STEELTHREAD_SERVICE_PORT_KAFKA", "9092"},
                  {"STEELTHREAD_PORT", "tcp://10.0.0.1:5000"},
                  {"STEELTHREAD_PORT_9092_TCP", "tcp://10.0.0.1:9092"},
                  {"STEELTHREAD_PORT_9092_TCP_PROTO", "tcp"},
                  {"STEELTHREAD_PORT_9092_TCP_PORT", "9092"},
                  {"STEELTHREAD_PORT_9092_TCP_ADDR", "10.0.0.1"},
                  {"STEELTHREAD_HTTP_SERVICE_HOST", "10.0.0.2"},
                  {"STEELTHREAD_HTTP_PORT", "udp://10.0.0.2:53"},
                  {"STEELTHREAD_HTTP_PORT_53_UDP_ADDR", "10.0.0.2"},
                  {"STEELTHREAD_NAME", "/web/steelthread"},
                  {"STEELTHREAD_ENV_HOME", "/root"}};
  EXPECT_TRUE(Load());
  environment_ = {{"STEELTHREAD_HTTP_PORT", "5000"}};
  EXPECT_THAT(Load().error().message(),
              ::testing::HasSubstr("STEELTHREAD_HTTP_PORT is no setting"));
  environment_ = {{"STEELTHREAD_" + std::string(100'000, 'A') + "_SERVICE_HOST", "x"}};
  EXPECT_FALSE(Load());
}

TEST_F(ProjectTest, AVariableThatIsNoSettingIsAnErrorWithTheNearest) {
  environment_["STEELTHREAD_HTTP_LISTNE"] = "127.0.0.1:1";
  EXPECT_EQ(Load().error().message(),
            "environment variable STEELTHREAD_HTTP_LISTNE is no setting; did you mean "
            "\"STEELTHREAD_HTTP_LISTEN\"?");
  environment_ = {{"STEELTHREAD_RETENTION_MS", "1"}};
  EXPECT_EQ(Load().error().message(),
            "STEELTHREAD_RETENTION_MS: retention.ms is refused: the log keeps everything, but in "
            "topics whose own settings retention.ms or retention.bytes say otherwise");
}

TEST_F(ProjectTest, EachValueKnowsWhereItComesFrom) {
  Toml("[kafka]\nlisten = \"127.0.0.1:1\"\nnum_partitions = 4\n");
  environment_["STEELTHREAD_KAFKA_LISTEN"] = "127.0.0.1:2";
  const auto config = Load({"sql.max_rows=5"}).value();
  EXPECT_EQ(config.Origin("kafka.num_partitions"), dir_ + "/steelthread.toml:3:18");
  EXPECT_EQ(config.Origin("kafka.listen"), "STEELTHREAD_KAFKA_LISTEN");
  EXPECT_EQ(config.Origin("sql.max_rows"), "--set");
  EXPECT_EQ(config.Origin("http.listen"), "default");
}

TEST(DataDir, RefusesANewerFormatAndChangesNothing) {
  os::testing::MemoryFileSystem fs;
  {
    ASSERT_TRUE(DataDir::Open(fs, "/d"));
  }
  fs.Overwrite("/d/format", "2\n");
  const auto paths = fs.Paths();
  const auto opened = DataDir::Open(fs, "/d");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(opened.error().message().find("format 2, newer than this program knows (1)"),
            std::string::npos);
  EXPECT_EQ(fs.Paths(), paths);
}

TEST_F(ProjectTest, AFolderWithFilesOfOthersIsNoDataFolder) {
  namespace stdfs = std::filesystem;
  const auto fs = os::MakePosixFileSystem();
  const auto others = stdfs::perms::group_all | stdfs::perms::others_all;
  stdfs::permissions(dir_, others, stdfs::perm_options::add);
  Toml("");
  const auto opened = DataDir::Open(*fs, dir_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(opened.error().message(), dir_ +
                                          " is no data folder, and has other files, such as "
                                          "steelthread.toml: name a new or an empty folder with "
                                          "--data or data.dir");
  EXPECT_EQ(stdfs::status(dir_).permissions() & others, others);
  EXPECT_EQ(fs->List(dir_)->size(), 1U);
  stdfs::rename(dir_ + "/steelthread.toml", dir_ + "/.hidden");
  stdfs::create_directories(dir_ + "/lost+found");
  ASSERT_TRUE(DataDir::Open(*fs, dir_));
  EXPECT_EQ(stdfs::status(dir_).permissions() & others, stdfs::perms::none);
  Toml("");
  EXPECT_TRUE(DataDir::Open(*fs, dir_)) << "a data folder may get other files";
}

TEST(DataDir, ReplacesTheProcessIdOfAServerThatWasKilled) {
  os::testing::MemoryFileSystem fs;
  ASSERT_TRUE(DataDir::Open(fs, "/d"));
  fs.Overwrite("/d/run/pid", "1\n");
  auto opened = DataDir::Open(fs, "/d");
  ASSERT_TRUE(opened);
  EXPECT_EQ(os::ReadWholeFile(fs, "/d/run/pid", 100).value(), fmt::format("{}\n", ::getpid()));
  opened->reset();
  EXPECT_FALSE(fs.Exists("/d/run/pid").value());
}

TEST(DataDir, IsLockedToOneProcess) {
  os::testing::MemoryFileSystem fs;
  const auto first = DataDir::Open(fs, "/d");
  ASSERT_TRUE(first);
  const auto second = DataDir::Open(fs, "/d");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find("data folder /d is in use by"), std::string::npos);
}

TEST_F(ProjectTest, StaysLockedWhateverIsRemovedFromTheFolder) {
  const auto fs = os::MakePosixFileSystem();
  const auto first = DataDir::Open(*fs, dir_);
  ASSERT_TRUE(first);
  for (const auto& entry : std::filesystem::directory_iterator(dir_)) {
    std::filesystem::remove_all(entry.path());
  }
  const auto second = DataDir::Open(*fs, dir_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
}

TEST_F(ProjectTest, WarnsOfATruncatedLog) {
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  const auto fs = os::MakePosixFileSystem();
  Config config;
  config.project = dir_;
  config.data_dir = dir_ + "/a";
  config.http_listen = config.kafka_listen = config.sql_listen = config.catalog_listen =
      "127.0.0.1:0";
  ASSERT_TRUE(Server::Start({*fs, *clock, *random}, config));
  const std::string segment = config.data_dir + "/log/00000000000000000001.log";
  std::ifstream in(segment, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto end = (bytes.find_last_not_of('\0') + 8) / 8 * 8;
  bytes.replace(end, 9, "torn off.");
  std::ofstream(segment, std::ios::binary) << bytes;
  const auto server = Server::Start({*fs, *clock, *random}, config);
  ASSERT_TRUE(server) << server.error().message();
  // The test program has no worker beside it, which is the first warning. Behind the log's warning
  // are those of an empty project and of the trust in local ports.
  ASSERT_EQ((*server)->Warnings().size(), 4U);
  EXPECT_TRUE((*server)->Warnings()[0].contains("/steelthread-sql is missing or may not be"));
  EXPECT_EQ(
      (*server)->Warnings()[1],
      fmt::format("{}: truncated 9 bytes at byte {}: a write that a crash tore, which was never "
                  "acknowledged",
                  segment, end));
}

TEST_F(ProjectTest, IsNotReadyWithoutTheWorkersProgram) {
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  const auto fs = os::MakePosixFileSystem();
  Config config;
  config.project = dir_;
  config.data_dir = dir_ + "/a";
  config.http_listen = config.kafka_listen = config.sql_listen = config.catalog_listen =
      "127.0.0.1:0";
  const auto server = Server::Start({*fs, *clock, *random}, config);
  ASSERT_TRUE(server) << server.error().message();
  const auto reply = net::Fetch((*server)->endpoints().at("sql"),
                                {.method = "GET", .target = "/readyz"}, {.timeout_us = 20'000'000});
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->status, 503);
  EXPECT_TRUE(reply->body.contains("/steelthread-sql is missing or may not be executed"));
}

TEST_F(ProjectTest, ABusyPortNamesPortAndKey) {
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSeededRandom(1);
  const auto disk = os::MakePosixFileSystem();
  auto& fs = *disk;
  Config config;
  config.project = dir_;
  config.catalog_listen = "127.0.0.1:0";
  config.kafka_listen = config.http_listen = config.sql_listen = "127.0.0.1:0";
  config.data_dir = dir_ + "/a";
  const auto first = Server::Start({fs, *clock, *random}, config);
  ASSERT_TRUE(first) << first.error().message();
  config.kafka_listen = (*first)->endpoints().at("kafka");
  config.data_dir = dir_ + "/b";
  const auto second = Server::Start({fs, *clock, *random}, config);
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().message().starts_with("kafka.listen: address already in use: " +
                                                   config.kafka_listen));
}

}  // namespace
}  // namespace st::app
