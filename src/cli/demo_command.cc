#include "cli/demo_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <numeric>
#include <vector>

#include "app/config.h"
#include "app/server.h"
#include "base/mutex.h"
#include "base/quote.h"
#include "cli/control_client.h"
#include "cli/example.h"
#include "cli/exit_code.h"
#include "cli/pipeline_command.h"
#include "cli/program_name.h"
#include "cli/server_locator.h"
#include "cli/sql_command.h"
#include "cli/topic_command.h"
#include "cli/topic_consume_command.h"
#include "client/http_sql_client.h"
#include "client/load/report.h"
#include "net/http_client.h"
#include "os/inherited.h"
#include "os/paths.h"
#include "os/thread.h"

namespace st::cli {
namespace {

constexpr std::string_view kMark = ".steelthread-demo";  // marks a folder that a demo made
constexpr int kConnections = 16;
constexpr std::int64_t kRunTimeoutUs = 120'000'000;
constexpr std::int64_t kStopGraceUs = 4'000'000;
constexpr std::array kProviders = {"comcast.com", "att.com", "example.net"};
constexpr std::array kPaths = {"/purchase_a_sword", "/purchase_a_sword", "/purchase_a_knife",
                               "/purchase_armor",   "/join_a_guild",     "/"};
constexpr std::array kPipelines = {"extracted_events", "sword_purchases", "purchases"};

void Say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

// Shows the command that a user would type for the step.
void Type(std::string_view command) { Say(fmt::format("\n$ {}\n", command)); }

// A folder that is removed in the end, unless it is to be kept.
class Scratch {
 public:
  static Result<Scratch> Make(const std::string& keep) {
    if (!keep.empty()) return Scratch(os::AbsolutePath(keep), true);
    ST_TRY(auto folder, os::MakeTemporaryDir("steelthread-demo"));
    return Scratch(std::move(folder), false);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, "")), keep_(other.keep_) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (!path_.empty() && !keep_) os::RemoveTree(path_);
  }
  const std::string& path() const { return path_; }

 private:
  Scratch(std::string path, bool keep) : path_(std::move(path)), keep_(keep) {}
  std::string path_;
  bool keep_;
};

// Returns the one number that the statement selects.
Result<std::int64_t> QueryNumber(const app::Config& config, const std::string& sql) {
  ST_TRY(const auto endpoint, Endpoint(config, "sql"));
  const auto client = client::MakeHttpSqlClient(endpoint, {});
  ST_TRY(auto results, client->Post(sql));
  std::string data = results.rows_json;
  while (!results.next_uri.empty()) {
    ST_TRY(results, client->Next());
    if (!results.rows_json.empty()) data = results.rows_json;
  }
  const auto rows = nlohmann::json::parse(data, nullptr, false);
  if (rows.is_array() && rows.size() == 1 && rows[0].size() == 1 && rows[0][0].is_number()) {
    return rows[0][0].get<std::int64_t>();
  }
  return Fail(ErrorCode::kIo, "no number came from: {}", sql);
}

class Demo {
 public:
  Demo(const DemoOptions& options, std::string folder)
      : options_(options), folder_(std::move(folder)) {}

  Status Run() {
    ST_TRY_STATUS(Start());
    ST_TRY_STATUS(SeedRequests());
    ST_TRY_STATUS(Burst());
    ST_TRY_STATUS(ShowLog());
    ST_TRY_STATUS(RunPipelines());
    ST_TRY_STATUS(Queries());
    ST_TRY_STATUS(Balance());
    server_->Stop(kStopGraceUs);
    return {};
  }

 private:
  Status Start() {
    const std::int64_t began = clock_->MonotonicUs();
    const auto mark = os::JoinPath(folder_, std::string(kMark));
    ST_TRY(const bool is_kept, fs_->Exists(mark));
    ST_TRY(const bool exists, fs_->Exists(folder_));
    if (!is_kept && exists) {
      ST_TRY(const auto names, fs_->List(folder_));
      if (!names.empty()) {
        return Fail(ErrorCode::kAlreadyExists,
                    "{} has files and is no folder of an earlier demo: give --keep a new one",
                    folder_);
      }
    }
    if (!is_kept) {
      ST_TRY_STATUS(WriteExample(*fs_, folder_));
      ST_TRY_STATUS(os::WriteFileAtomically(*fs_, mark, "made by `steelthread demo --keep`\n"));
    }
    std::vector<std::string> free_ports;
    for (const auto* part : {"http", "kafka", "sql", "catalog"}) {
      free_ports.push_back(fmt::format("{}.listen=127.0.0.1:0", part));
    }
    ST_TRY(config_, app::LoadConfig({.project = folder_,
                                     .data_dir = "",
                                     .overrides = free_ports,
                                     .environment = [](const char*) { return nullptr; }}));
    Type(fmt::format("steelthread up -d -C {}", ShellWord(folder_)));
    ST_TRY(server_, app::Server::Start({*fs_, *clock_, *random_}, config_));
    for (const auto& [name, address] : server_->endpoints()) {
      Say(fmt::format("{:<8} {}\n", name, address));
    }
    Say(fmt::format("ready in {:.1f} ms\n",
                    static_cast<double>(clock_->MonotonicUs() - began) / 1000));
    Type("steelthread topic create events --partitions 1 --replication-factor 1 --if-not-exists");
    const int made = CreateTopic(config_, {.name = "events", .if_not_exists = true});
    if (made != 0) return Fail(ErrorCode::kIo, "the topic was not made");
    ST_TRY(before_, InLog());
    if (before_ > 0) Say(fmt::format("{} events of an earlier demo are there\n", before_));
    return {};
  }

  Result<std::int64_t> InLog() {
    ST_TRY(auto kafka, ConnectKafka(config_, client::KafkaUse::kReading));
    ST_TRY(const auto topics, kafka.Topics());
    const auto events = std::ranges::find(topics, "events", &client::KafkaTopic::name);
    if (events == topics.end()) return Fail(ErrorCode::kNotFound, "there is no topic events");
    ST_TRY(const auto ends, kafka.EndOffsets(*events));
    return std::accumulate(ends.begin(), ends.end(), std::int64_t{0});
  }

  // Returns the answer's body, or an error unless the event is durable.
  Result<std::string> Request(const std::string& path, const std::string& host,
                              const std::string& agent) {
    ST_TRY(const auto reply,
           net::Fetch(server_->endpoints().at("http"), {.method = "GET",
                                                        .target = path,
                                                        .headers = {{"Host", host},
                                                                    {"User-Agent", agent},
                                                                    {"Accept", "*/*"},
                                                                    {"Connection", ""}}}));
    if (reply.status != 200) return Fail(ErrorCode::kIo, "{}: {}", path, reply.body);
    ++sent_;
    return reply.body;
  }

  Status SeedRequests() {
    for (const auto* path : {"/", "/purchase_a_sword", "/purchase_a_sword", "/join_a_guild"}) {
      Type(fmt::format("curl http://{}{}", server_->endpoints().at("http"), path));
      ST_TRY(const auto reply, Request(path, "localhost:5000", "curl/7.47.0"));
      Say(reply);
    }
    return {};
  }

  Status Burst() {
    Say(fmt::format("\n{} players send {} requests over {} connections …\n", options_.players,
                    options_.requests, kConnections));
    const std::int64_t began = clock_->MonotonicUs();
    std::atomic<int> next = 0;
    Guarded<Status> outcome;
    std::vector<os::Thread> clients;
    for (int c = 0; c < kConnections; ++c) {
      clients.emplace_back("demo-player", [&] {
        for (int i = next++; i < options_.requests; i = next++) {
          const int player = i % std::max(options_.players, 1);
          const auto host = fmt::format("user{}.{}", player + 1,
                                        kProviders[static_cast<std::size_t>(player) % 3]);
          const auto reply = Request(kPaths[static_cast<std::size_t>(i) * 7 / 3 % kPaths.size()],
                                     host, "ApacheBench/2.3");
          if (!reply) outcome.With([&](Status& all) { all = std::unexpected(reply.error()); });
        }
      });
    }
    clients.clear();
    ST_TRY_STATUS(outcome.With([](const Status& all) { return all; }));
    const double seconds = static_cast<double>(clock_->MonotonicUs() - began) / 1e6;
    Say(fmt::format("… all answered in {:.2f} s; each answer says that its event is on disk\n",
                    seconds));
    return {};
  }

  Status ShowLog() {
    Type(fmt::format("kcat -C -b {} -t events -o beginning -e | head -6",
                     server_->endpoints().at("kafka")));
    const int shown = ConsumeTopic(config_, {.topic = "events", .max_records = 6});
    return shown == 0 ? Status() : Fail(ErrorCode::kIo, "the log could not be read");
  }

  Status RunPipelines() {
    for (const auto* name : kPipelines) {
      Type(fmt::format("steelthread pipeline run {} --once", name));
      ST_TRY(const auto report,
             ActOnPipeline(config_, {.verb = "run", .name = name}, kRunTimeoutUs));
      Say(RenderRun(report));
      const auto earlier = sent_ - report.value("records_read", std::int64_t{0});
      if (earlier > 0) {
        Say(fmt::format("{} events more were read by the pipeline's own trigger before\n",
                        earlier));
      }
    }
    return {};
  }

  Status Queries() {
    for (const std::string sql :
         {"select event_type, count(*) as n from extracted_events group by 1 order by 2 desc, 1",
          "select host, count(*) as swords from sword_purchases group by 1 order by 2 desc, 1 "
          "limit 5",
          "select count(distinct host) as players, min(timestamp) as first_purchase from "
          "purchases"}) {
      Type(fmt::format("steelthread sql \"{}\"", sql));
      if (RunSql(config_, {.text = sql}) != 0) return Fail(ErrorCode::kIo, "the query failed");
    }
    return {};
  }

  Status Balance() {
    ST_TRY(const auto in_log, InLog());
    ST_TRY(const auto in_table, QueryNumber(config_, "select count(*) from extracted_events"));
    ST_TRY(const auto distinct,
           QueryNumber(config_, "select count(distinct \"offset\") from extracted_events"));
    const auto before =
        before_ == 0 ? std::string()
                     : fmt::format("{} before + ",
                                   client::load::Grouped(static_cast<std::uint64_t>(before_)));
    const auto grouped = [](std::int64_t number) {
      return client::load::Grouped(static_cast<std::uint64_t>(number));
    };
    Say(fmt::format("\n{}{} sent = {} in the log = {} in the table\n", before,
                    grouped(sent_.load()), grouped(in_log), grouped(in_table)));
    if (before_ + sent_ == in_log && in_log == in_table && in_table == distinct) return {};
    return Fail(ErrorCode::kCorruption, "the counts differ ({} distinct offsets)", distinct);
  }

  const DemoOptions options_;
  const std::string folder_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  app::Config config_;
  std::unique_ptr<app::Server> server_;
  std::int64_t before_ = 0;  // number of events in the log when the demo began
  std::atomic<std::int64_t> sent_ = 0;
};

// Suggests the next commands. `kept` is the folder that --keep named, or "".
std::string Next(const std::string& kept) {
  const std::string folder = kept.empty() ? "my-game" : ShellWord(kept);
  const std::string program = ShellWord(ProgramName());
  using Lines = std::vector<std::pair<std::string, std::string>>;
  Lines first;
  if (kept.empty()) {
    first.emplace_back(fmt::format("{} demo --keep {}", program, folder),
                       "the same, in a folder of your own");
  }
  first.emplace_back(fmt::format("{} up -C {}", program, folder), "starts it; Ctrl-C stops it");
  const Lines then = {
      {"curl http://localhost:5000/purchase_a_sword", "an event, durable when answered"},
      {fmt::format("{} status -C {}", program, folder), "topics, pipelines, tables"},
      {fmt::format("{} sql -C {} \"show tables\"", program, folder),
       "or any Presto or Trino client"}};
  std::size_t width = 0;
  for (const auto* lines : std::array<const Lines*, 2>{&first, &then}) {
    for (const auto& [command, what] : *lines) width = std::max(width, command.size());
  }
  const auto shown = [width](const Lines& lines) {
    std::string text;
    for (const auto& [command, what] : lines) {
      text += fmt::format("  {:<{}}  {}\n", command, width, what);
    }
    return text;
  };
  return "\nTo try next:\n" + shown(first) + "and in another terminal:\n" + shown(then);
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  os::KeepFilesPrivate();
  auto scratch = Scratch::Make(options.keep);
  if (!scratch) return ExitFor(scratch.error());
  const auto done = Demo(options, scratch->path()).Run();
  if (!done) return ExitFor(done.error());
  Say(Next(options.keep));
  return 0;
}

}  // namespace st::cli
