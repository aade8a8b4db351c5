#include <fmt/ranges.h>

#include "app/event_tables.h"
#include "base/mutex.h"
#include "event/version.h"
#include "format/record/record_batch.h"

namespace st::app {
namespace {

constexpr std::uint64_t kReadBytes = 4 << 20;
constexpr std::uint64_t kMaxDecodedBytes = 64 << 20;

// Appends one batch and waits for it.
Status AppendDurably(log::Log& log, TopicPartition tp, std::string batch) {
  struct Waiter {
    Mutex mu;
    CondVar done;
    std::optional<Status> outcome ST_GUARDED_BY(mu);
  };
  auto waiter = std::make_shared<Waiter>();
  log.Append(tp, std::move(batch), log::kFromThisServer,
             [waiter](const Result<log::AppendResult>& result) {
               MutexLock lock(waiter->mu);
               waiter->outcome = result ? Status() : Status(std::unexpected(result.error()));
               waiter->done.NotifyAll();
             });
  MutexLock lock(waiter->mu);
  while (!waiter->outcome) waiter->done.WaitFor(waiter->mu, std::chrono::seconds(1));
  return *waiter->outcome;
}

event::Offsets EndsOf(const log::Log& log, const std::string& topic) {
  event::Offsets ends;
  const auto info = log.FindTopic(topic);
  for (std::int32_t p = 0; info && p < info->partitions; ++p) {
    ends[p] = log.EndOffset({.topic = info->id, .partition = PartitionId(p)}).value();
  }
  return ends;
}

}  // namespace

Result<EventVersions> ReadEventVersions(const log::Log& log) {
  EventVersions out;
  const auto topic = log.FindTopic(kDeclarationsTopic);
  if (!topic) return out;
  const TopicPartition tp{.topic = topic->id, .partition = PartitionId(0)};
  Offset at = log.StartOffset(tp);
  while (at < log.EndOffset(tp)) {
    ST_TRY(const auto read, log.Read(tp, at, kReadBytes));
    std::string_view left = read.batches;
    while (!left.empty()) {
      ST_TRY(const auto header, record::ParseHeader(left));
      std::string scratch;
      std::vector<record::Record> records;
      ST_TRY_STATUS(record::DecodeRecords(left.substr(0, header.total_bytes()), kMaxDecodedBytes,
                                          scratch, records));
      for (const auto& record : records) {
        auto version = event::DecodeVersion(record.value.value_or(""));
        if (!version) {
          return Fail(ErrorCode::kCorruption, "topic {}, offset {}: the record {}",
                      kDeclarationsTopic, record.offset, version.error().message());
        }
        out[version->declaration.name].push_back(std::move(*version));
        at = Offset(record.offset + 1);
      }
      left.remove_prefix(header.total_bytes());
    }
  }
  return out;
}

Result<std::vector<EventVersion>> NewEventVersions(
    const log::Log& log, const EventVersions& versions,
    const std::vector<event::Declaration>& declared) {
  ST_TRY(auto added, ChangedEvents(versions, declared));
  for (auto& version : added) {
    // A first version's table begins with the log.
    if (versions.contains(version.declaration.name)) {
      version.since = EndsOf(log, version.declaration.topic);
    }
  }
  return added;
}

Result<std::vector<EventVersion>> ChangedEvents(const EventVersions& versions,
                                                const std::vector<event::Declaration>& declared) {
  std::vector<EventVersion> added;
  std::vector<std::string> faults;
  for (const auto& event : declared) {
    const auto found = versions.find(event.name);
    if (found == versions.end()) {
      added.push_back({event, {}});
      continue;
    }
    const auto compared = event::Compare(found->second.back().declaration, event);
    if (compared.change == event::Change::kIncompatible) {
      faults.insert(faults.end(), compared.reasons.begin(), compared.reasons.end());
      faults.push_back(fmt::format(
          "{}: event \"{}\": only optional fields may be added; put the rest back, or declare "
          "version = {}, whose records go to a table of their own",
          event.name_place, event.name, found->second.back().declaration.version + 1));
    } else if (compared.change != event::Change::kSame) {
      added.push_back({event, {}});
    }
  }
  if (faults.empty()) return added;
  return Fail(ErrorCode::kInvalidArgument, "{}", fmt::join(faults, "\n"));
}

Status RecordEventVersions(log::Log& log, std::int64_t now_ms,
                           const std::vector<EventVersion>& added, EventVersions& versions) {
  if (added.empty()) return {};
  auto topic = log.FindTopic(kDeclarationsTopic);
  if (!topic) {
    ST_TRY(topic, log.CreateTopic(kDeclarationsTopic, 1));
  }
  std::vector<std::string> values;
  for (const auto& version : added) values.push_back(event::EncodeVersion(version));
  std::vector<record::NewRecord> records;
  for (std::size_t i = 0; i < added.size(); ++i) {
    records.push_back({.key = added[i].declaration.name,
                       .value = values[i],
                       .timestamp_ms = now_ms,
                       .headers = {}});
  }
  ST_TRY_STATUS(AppendDurably(log, {.topic = topic->id, .partition = PartitionId(0)},
                              record::BuildBatch(records)));
  for (const auto& version : added) versions[version.declaration.name].push_back(version);
  return {};
}

}  // namespace st::app
