#include "client/ledger/ledger_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "client/http_sql_client.h"
#include "client/ledger/limits.h"
#include "format/statement/query_results.h"
#include "net/http_client.h"
#include "os/clock.h"
#include "os/process.h"

namespace st::client::ledger {
namespace {

constexpr std::int64_t kPauseUs = 100'000;
constexpr std::int64_t kAskTimeoutUs = 10'000'000;
constexpr std::int64_t kRecordsPerLook = 1000;  // at the signals, while the log is read
constexpr std::string_view kGameTopic = "game";

// The constant event_type of a game's event; it comes first in what the game writes.
std::string EventTypeOf(std::string_view value) {
  constexpr std::string_view kFront = "{\"event_type\": \"";
  if (value.starts_with(kFront)) {
    const auto rest = value.substr(kFront.size());
    const auto end = rest.find('"');
    if (end != rest.npos && rest.substr(0, end).find('\\') == rest.npos) {
      return std::string(rest.substr(0, end));
    }
  }
  const auto json = nlohmann::json::parse(value, nullptr, false);
  if (!json.is_object()) return "";
  const auto found = json.find("event_type");
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

// Reads `steelthread.offsets` of a table's properties.
std::map<std::int32_t, std::int64_t> OffsetsOf(const nlohmann::json& answer) {
  std::map<std::int32_t, std::int64_t> out;
  const nlohmann::json::json_pointer place("/metadata/properties/steelthread.offsets");
  if (!answer.is_object() || !answer.contains(place) || !answer[place].is_string()) return out;
  const auto progress = nlohmann::json::parse(answer[place].get<std::string>(), nullptr, false);
  if (!progress.is_object() || !progress.contains("flows")) return out;
  for (const auto& flow : progress["flows"]) {
    if (!flow.is_object() || !flow.contains("topics")) continue;
    for (const auto& topic : flow["topics"]) {
      for (const auto& [partition, at] : topic.items()) {
        const auto number = ParseInt64(partition);
        if (!number || !at.is_object()) continue;
        out[static_cast<std::int32_t>(*number)] = at.value("next", std::int64_t{0});
      }
    }
  }
  return out;
}

Matcher::GameTables GameTablesOf(const ServerDescription& server) {
  return {server.tables_by_type.begin(), server.tables_by_type.end()};
}

}  // namespace

LedgerCheck::LedgerCheck(ServerDescription server, Ledger& ledger,
                         const std::vector<RequestKind>& kinds)
    : server_(std::move(server)),
      ledger_(ledger),
      kinds_(kinds),
      matcher_(ledger, kinds, GameTablesOf(server_)) {
  bool has_commands = false;
  for (const auto& kind : kinds_) {
    has_commands = has_commands || kind.is_command;
    if (!kind.topic.empty()) topics_.insert(kind.topic);
    if (!kind.table.empty()) tables_[kind.table] = kind.topic;
  }
  if (!has_commands) return;
  topics_.emplace(kGameTopic);
  for (const auto& [table, topic] : server_.topic_of_table) {
    if (topic == kGameTopic) tables_[table] = topic;
  }
}

Status LedgerCheck::Pause(std::int64_t us) {
  if (os::WaitForTerminationSignal(us) == 0) return {};
  return Fail(ErrorCode::kShutdown, "interrupted before all was read");
}

template <typename F>
auto LedgerCheck::Patiently(F&& ask) const {
  const auto clock = os::MakeSystemClock();
  const auto deadline_us = clock->MonotonicUs() + kPatienceUs;
  while (true) {
    auto answer = ask();
    if (answer || answer.error().code() == ErrorCode::kInvalidArgument ||
        answer.error().code() == ErrorCode::kShutdown) {
      return answer;
    }
    if (clock->MonotonicUs() >= deadline_us) {
      // kDeadline is for the tables alone: the caller counts on what was read then.
      return decltype(answer)(Fail(ErrorCode::kUnavailable, "{}", answer.error().message()));
    }
    if (auto paused = Pause(kPauseUs); !paused) {
      return decltype(answer)(std::unexpected(paused.error()));
    }
    if (auto again = DiscoverServer(server_.url); again && again->is_steelthread) {
      server_.endpoints = std::move(again->endpoints);
    }
  }
}

Result<KafkaClient> LedgerCheck::ConnectKafka() const {
  return KafkaClient::Connect(server_.endpoints.at("kafka"), KafkaUse::kReading);
}

Result<LedgerCheck::Ends> LedgerCheck::ReadEnds() const {
  return Patiently([&]() -> Result<Ends> {
    ST_TRY(auto client, ConnectKafka());
    ST_TRY(const auto topics, client.Topics());
    Ends ends;
    for (const auto& topic : topics) {
      if (!topics_.contains(topic.name)) continue;
      ST_TRY(ends[topic.name], client.EndOffsets(topic));
    }
    return ends;
  });
}

Status LedgerCheck::Begin() {
  for (const auto* part : {"kafka", "sql", "catalog"}) {
    if (!server_.endpoints.contains(part)) {
      return Fail(ErrorCode::kUnavailable, "{} does not say where its {} port is", server_.url,
                  part);
    }
  }
  ST_TRY(starts_, ReadEnds());
  return {};
}

std::int64_t LedgerCheck::StartOf(const std::string& topic, std::size_t partition) const {
  const auto found = starts_.find(topic);
  return found != starts_.end() && partition < found->second.size() ? found->second[partition] : 0;
}

Result<std::map<std::int32_t, std::int64_t>> LedgerCheck::Progress(const std::string& table) const {
  ST_TRY(const auto reply, net::Fetch(server_.endpoints.at("catalog"),
                                      {.target = "/v1/namespaces/default/tables/" + table,
                                       .headers = {{"Host", "localhost"}}},
                                      {.timeout_us = kAskTimeoutUs}));
  if (reply.status == 404) return std::map<std::int32_t, std::int64_t>();
  if (reply.status != 200) {
    return Fail(ErrorCode::kUnavailable, "the catalog answers {} for table {}", reply.status,
                table);
  }
  return OffsetsOf(nlohmann::json::parse(reply.body, nullptr, false));
}

Result<bool> LedgerCheck::HasReached(const std::string& table,
                                     const std::vector<std::int64_t>& ends) const {
  ST_TRY(const auto progress, Progress(table));
  for (std::size_t p = 0; p < ends.size(); ++p) {
    const auto at = progress.find(static_cast<std::int32_t>(p));
    if (ends[p] > 0 && (at == progress.end() || at->second < ends[p])) return false;
  }
  return true;
}

Status LedgerCheck::WaitForTables(const Ends& ends) const {
  const auto clock = os::MakeSystemClock();
  const auto deadline_us = clock->MonotonicUs() + kPatienceUs;
  for (const auto& [table, topic] : tables_) {
    const auto end = ends.find(topic);
    if (end == ends.end()) continue;
    while (true) {
      ST_TRY(const bool reached, Patiently([&] { return HasReached(table, end->second); }));
      if (reached) break;
      if (clock->MonotonicUs() >= deadline_us) {
        return Fail(ErrorCode::kDeadline, "table {} has not come to the end of topic {} in {} s",
                    table, topic, kPatienceUs / 1'000'000);
      }
      ST_TRY_STATUS(Pause(kPauseUs));
    }
  }
  return {};
}

Status LedgerCheck::ReadRows(const std::string& table, std::int32_t partition,
                             const std::string& sql) {
  const auto client = MakeHttpSqlClient(server_.endpoints.at("sql"), {});
  std::vector<std::int64_t> offsets;
  ST_TRY(auto results, client->Post(sql));
  while (true) {
    if (results.failure) {
      return Fail(ErrorCode::kUnavailable, "{}: {}", sql, results.failure->message);
    }
    if (!results.rows_json.empty()) {
      ST_TRY(const auto rows, statement::SplitRows(results.rows_json));
      for (const auto& row : rows) {
        const auto offset = ParseInt64(row.empty() ? "" : row[0]);
        if (!offset) return Fail(ErrorCode::kCorruption, "{}: a row without offset", sql);
        offsets.push_back(*offset);
      }
    }
    if (results.next_uri.empty()) break;
    ST_TRY_STATUS(Pause(0));
    ST_TRY(results, client->Next());
  }
  // Once all have come: a statement that failed midway is asked again.
  for (const auto offset : offsets) matcher_.AddRow(table, partition, offset);
  return {};
}

Status LedgerCheck::ReadTable(const std::string& table, const std::vector<std::int64_t>& ends) {
  for (std::size_t p = 0; p < ends.size(); ++p) {
    for (auto at = StartOf(tables_.at(table), p); at < ends[p]; at += kOffsetsPerStatement) {
      const auto sql = fmt::format(
          "select \"offset\" from \"default\".\"{}\" where \"partition\" = {} and \"offset\" >= {} "
          "and \"offset\" < {}",
          table, p, at, std::min(at + kOffsetsPerStatement, ends[p]));
      ST_TRY_STATUS(Patiently([&] { return ReadRows(table, static_cast<std::int32_t>(p), sql); }));
    }
  }
  return {};
}

void LedgerCheck::AddRecord(const std::string& topic, const KafkaRecord& record) {
  const auto number = ledger_.NumberOf(record.Header("idempotency-key"));
  if (!number) return;
  const bool is_command = kinds_[ledger_.kind(*number)].is_command;
  const auto type = is_command ? EventTypeOf(record.value().value_or("")) : "";
  matcher_.AddRecord({.topic = topic,
                      .partition = record.partition(),
                      .offset = record.offset(),
                      .number = *number,
                      .event_type = type});
}

Status LedgerCheck::ReadPartition(const std::string& topic, std::int32_t partition,
                                  std::int64_t end) {
  auto next = StartOf(topic, static_cast<std::size_t>(partition));
  Status paused;
  const auto take = [&](const KafkaRecord& record) {
    AddRecord(topic, record);
    next = record.offset() + 1;
    if (next % kRecordsPerLook == 0) paused = Pause(0);
    return paused.has_value();
  };
  while (paused && next < end) {
    const auto before = next;
    bool is_whole = false;
    ST_TRY_STATUS(Patiently([&]() -> Status {
      ST_TRY(auto client, ConnectKafka());
      const auto read = KafkaConsumer(client, topic)
                            .ReadRange({.partition = partition, .from = next, .to = end}, take);
      is_whole = read.has_value();
      // The patience begins again where something was read.
      return next > before ? Status() : read;
    }));
    if (paused && is_whole && next < end) {
      return Fail(ErrorCode::kCorruption,
                  "{}/{} gives no record at offset {}, though it ends at {}", topic, partition,
                  next, end);
    }
  }
  return paused;
}

Status LedgerCheck::Count() {
  ST_TRY(const auto ends, ReadEnds());
  const auto waited = WaitForTables(ends);
  if (!waited && waited.error().code() != ErrorCode::kDeadline) return waited;
  for (const auto& [table, topic] : tables_) {
    const auto end = ends.find(topic);
    if (end == ends.end()) continue;
    ST_TRY(const auto progress, Patiently([&] { return Progress(table); }));
    if (!progress.empty()) ST_TRY_STATUS(ReadTable(table, end->second));
  }
  for (const auto& [topic, partitions] : ends) {
    for (std::size_t p = 0; p < partitions.size(); ++p) {
      ST_TRY_STATUS(ReadPartition(topic, static_cast<std::int32_t>(p), partitions[p]));
    }
  }
  return waited;
}

}  // namespace st::client::ledger
